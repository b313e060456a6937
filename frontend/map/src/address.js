// The choices of a reader, kept in the page's address where there is one to keep them in.

export class Address {
  constructor(keeps) {
    this.keeps = keeps;
  }

  get(name) {
    return this.keeps ? new URL(document.location.href).searchParams.get(name) : null;
  }

  /** Write choices; null takes one out. */
  set(choices) {
    if (!this.keeps) return;
    const address = new URL(document.location.href);
    for (const [name, value] of Object.entries(choices)) {
      if (value == null || value === "") address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    if (address.href !== document.location.href) window.history.replaceState(window.history.state, "", address.href);
  }
}
