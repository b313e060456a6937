// The sentences behind points: a table of the selected ones, and a card of the chosen one with its neighbours.

import { icon, make } from "./elements.js";
import { outline } from "./symbols.js";

const PAGE = 60; // rows shown at once

export class Reading {
  /** `on.choose(point)` and `on.hover(point or -1)` are called as the reader does so. */
  constructor(map, on) {
    Object.assign(this, { map, on, rows: [], shown: 0 });
    this.card = make("section", { class: "card", hidden: true, "aria-label": "Chosen sentence" });
    this.caption = make("p", { class: "caption" });
    this.body = make("tbody");
    this.more = make("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.extend() });
    this.keep = make(
      "button",
      { type: "button", class: "quiet", hidden: true, onclick: () => this.download() },
      "Selection as CSV",
    );
    const heads = ["Language", "Sentence", ...(map.topics ? ["Topic"] : []), ...(map.sentiments ? ["Sentiment"] : [])];
    this.table = make(
      "table",
      { hidden: true },
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      this.body,
    );
    this.element = make(
      "div",
      { class: "reading" },
      this.card,
      make(
        "section",
        { class: "selection", "aria-label": "Selected sentences" },
        make("div", { class: "captioned" }, this.caption, this.keep),
        make("div", { class: "scroll" }, this.table),
        this.more,
      ),
    );
  }

  /** List points; `what` says how they were found. */
  list(points, what) {
    this.rows = points;
    this.shown = 0;
    this.body.replaceChildren();
    this.caption.textContent = what;
    this.table.hidden = this.keep.hidden = !points.length;
    this.extend();
  }

  extend() {
    const next = this.rows.slice(this.shown, this.shown + PAGE);
    this.body.append(...next.map((point) => this.row(point)));
    this.shown += next.length;
    const left = this.rows.length - this.shown;
    this.more.hidden = !left;
    this.more.textContent = `Show ${Math.min(PAGE, left)} more of ${left.toLocaleString("en")}`;
    this.mark(this.chosen);
  }

  row(point) {
    const { map } = this;
    const cells = [
      make("td", { class: "language" }, this.signOf(point), map.language(point).name),
      make("td", {}, this.text(point)),
    ];
    if (map.topics) cells.push(make("td", { class: "meta" }, map.topics[point] ?? ""));
    if (map.sentiments) cells.push(make("td", { class: "meta" }, map.sentiments[point] ?? ""));
    return make(
      "tr",
      {
        tabindex: 0,
        "data-point": point,
        onclick: () => this.on.choose(point),
        onkeydown: (event) => {
          if (event.key === "Enter" || event.key === " ") this.on.choose(point);
          else if (event.key === "ArrowDown") event.currentTarget.nextElementSibling?.focus();
          else if (event.key === "ArrowUp") event.currentTarget.previousElementSibling?.focus();
          else return;
          event.preventDefault();
        },
        onmouseenter: () => this.on.hover(point),
        onmouseleave: () => this.on.hover(-1),
        onfocus: () => this.on.hover(point),
        onblur: () => this.on.hover(-1),
      },
      ...cells,
    );
  }

  text(point) {
    const language = this.map.language(point);
    return make("span", { class: "text", lang: language.bcp47, dir: language.direction }, this.map.texts[point]);
  }

  signOf(point) {
    const { symbol, colour } = this.map.markOf(point);
    return icon(outline(symbol), colour);
  }

  /** The row of the chosen point stands out and is in sight. */
  mark(point) {
    this.chosen = point;
    for (const row of this.body.rows) row.classList.toggle("chosen", Number(row.dataset.point) === point);
  }

  /** The chosen point, its neighbours at a layer, and how many of its translations are among them. */
  choose(point, layer) {
    this.mark(point);
    if (point < 0) {
      this.card.hidden = true;
      return;
    }
    const { map } = this;
    const near = map.neighbours(point, layer);
    const together = near.filter((other) => map.sentence(other) === map.sentence(point)).length;
    this.show(
      [
        make(
          "p",
          { class: "who" },
          this.signOf(point),
          map.language(point).name,
          make(
            "span",
            { class: "quiet-text" },
            [map.topics?.[point], map.sentiments?.[point]]
              .filter(Boolean)
              .map((word) => ` · ${word}`)
              .join(""),
          ),
        ),
        make("p", { class: "said" }, this.text(point)),
      ],
      `Nearest in the model’s own space at layer ${layer}; ${together ? `${together} of ${near.length} ${together === 1 ? "translates" : "translate"} it` : "none translates it"}:`,
      near,
      point,
    );
  }

  /** A sentence that the reader typed, with its neighbours at a layer. */
  addition(text, near, layer, note) {
    this.mark(-1);
    this.show(
      [
        make("p", { class: "who" }, "You typed"),
        make("p", { class: "said" }, make("span", { class: "text", dir: "auto" }, text)),
        make("p", { class: "quiet-text" }, note),
      ],
      `Nearest in the model’s own space at layer ${layer}:`,
      near,
      -1,
    );
  }

  show(head, title, near, point) {
    const items = near.map((other) =>
      make(
        "li",
        {},
        make(
          "button",
          {
            type: "button",
            onclick: () => this.on.choose(other),
            onmouseenter: () => this.on.hover(other),
            onmouseleave: () => this.on.hover(-1),
          },
          make(
            "span",
            { class: "who" },
            this.signOf(other),
            this.map.language(other).name,
            point >= 0 && this.map.sentence(other) === this.map.sentence(point) ? make("em", {}, "translation") : null,
          ),
          this.text(other),
        ),
      ),
    );
    this.card.replaceChildren(
      make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.on.choose(-1) }, "×"),
      ...head,
      make("p", { class: "caption" }, title),
      make("ol", { class: "near" }, ...items),
    );
    this.card.hidden = false;
  }

  download() {
    const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
    const { map } = this;
    const lines = this.rows.map((p) =>
      [map.ids[map.sentence(p)], map.language(p).code, map.texts[p], map.topics?.[p], map.sentiments?.[p]]
        .map(quoted)
        .join(","),
    );
    const file = new Blob([`\ufeff${["id,language,text,topic,sentiment", ...lines].join("\r\n")}`], {
      type: "text/csv",
    });
    const link = make("a", { href: URL.createObjectURL(file), download: "selection.csv" });
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
