// What Streamlit leaves to be mended in the browser, and the button that copies the address of a view.

/**
 * Give each page one entry of the history, whose address is the view that was left.
 *
 * On the way to another page Streamlit first adds an entry for the page that is left, without what its address said of
 * the view: going back would take two steps and lose the view. An entry for the page that is shown corrects its address.
 */
function keepHistory() {
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let left = null; // the address before it was corrected, until the visitor does something
  const forget = () => (left = null);
  for (const event of ['pointerdown', 'keydown', 'popstate']) addEventListener(event, forget, true);
  history.pushState = (state, title, url) => {
    if (new URL(url, location.href).pathname === location.pathname) {
      left ??= location.href;
      replace(state, title, url);
      return;
    }
    if (left) replace(history.state, '', left);
    forget();
    push(state, title, url);
  };
}

export default function ({ parentElement }) {
  if (!window.dlfaFrame) {
    window.dlfaFrame = true;
    keepHistory();
  }
  const button = parentElement.querySelector('button');
  const said = parentElement.querySelector('[role=status]');
  let timer;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = 'Copied';
    } catch {
      // Browsers give the clipboard to https and to this computer alone.
      prompt('The link of this view:', location.href);
    }
    clearTimeout(timer);
    timer = setTimeout(() => (said.textContent = ''), 2000);
  };
  return () => clearTimeout(timer);
}
