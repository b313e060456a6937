// Tells the page, once, that a place on it comes into sight.

const NEAR = "300px"; // below the window

export default function ({ parentElement, setStateValue }) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    setStateValue("seen", true);
  }, { scrollMargin: NEAR, rootMargin: NEAR });
  watcher.observe(parentElement.host ?? parentElement);
  return () => watcher.disconnect();
}
