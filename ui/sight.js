// Tells the page, once, that a place on it comes into sight.

const NEAR = "300px"; // below the window

export default function ({ parentElement, setStateValue }) {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    inTurn(() => setStateValue("seen", true));
  }, { scrollMargin: NEAR, rootMargin: NEAR });
  watcher.observe(parentElement.host ?? parentElement);
  return () => watcher.disconnect();
}

// Of places that come into sight together, each tells in a task of its own: what is told in one task Streamlit sends as
// one message, which runs one fragment of the page.
function inTurn(tell) {
  window.dlfaTold = (window.dlfaTold ?? Promise.resolve()).then(() => {
    tell();
    return new Promise((next) => setTimeout(next));
  });
}
