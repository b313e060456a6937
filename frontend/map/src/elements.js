// Elements by name, attributes and children; text is only ever set as text.

export function make(tag, attributes = {}, ...children) {
  const element =
    tag === "svg" || tag === "path" || tag === "g" || tag === "text" || tag === "title"
      ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** A marker symbol as an icon; `path` is its outline. */
export function icon(path, colour) {
  return make(
    "svg",
    { viewBox: "-1.25 -1.25 2.5 2.5", class: "icon", "aria-hidden": "true" },
    make("path", { d: path, fill: colour }),
  );
}

/** A choice among a few, each with a name. */
export function select(label, options, value, onchange) {
  const box = make(
    "select",
    { "aria-label": label, onchange: () => onchange(box.value) },
    ...options.map(([key, name]) => make("option", { value: key, selected: key === value }, name)),
  );
  return make("label", { class: "field" }, make("span", {}, label), box);
}

/** Buttons of which one is pressed. */
export function segmented(label, options, value, onchange) {
  const buttons = options.map(([key, name, help]) =>
    make(
      "button",
      {
        type: "button",
        title: help,
        "aria-pressed": String(key === value),
        "data-key": key,
        onclick: () => {
          press(key);
          onchange(key);
        },
      },
      name,
    ),
  );
  const press = (key) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.key === key));
  };
  const group = make("div", { class: "segmented", role: "group", "aria-label": label }, ...buttons);
  group.press = press;
  return group;
}
