// The family tree that the languages' centroids give at a layer, beside the accepted one; it follows the map's slider.

import { make } from "./elements.js";
import { LAYER_EVENT, layerSaid } from "./events.js";
import { outline } from "./symbols.js";

const ROW = 23; // pixels
const TOP = 26;
const LONGEST = 12; // letters of a name on a phone

export class FamilyTree {
  constructor(parent, data) {
    this.root = make("div", { class: "trees" });
    this.caption = make("p", { class: "honesty" });
    this.drawing = make("svg", { role: "img" });
    this.title = make("title");
    this.root.append(this.drawing, this.caption);
    parent.append(this.root);
    this.root.familyTree = this;
    this.hear = (event) => this.show(event.detail.layer);
    document.addEventListener(LAYER_EVENT, this.hear);
    this.watcher = new ResizeObserver(() => this.show(this.layer));
    this.watcher.observe(this.root);
    this.update(data);
  }

  update(data) {
    this.data = data;
    const said = layerSaid(); // a map may have spoken before
    this.show(said !== null && said < data.layers.length ? said : data.start);
  }

  show(layer) {
    this.layer = layer;
    const { languages, accepted, layers } = this.data;
    const width = this.root.clientWidth;
    const tree = layers[layer];
    if (!width || !tree) return;
    const narrow = width < 560;
    const label = narrow ? 88 : 110;
    const gap = narrow ? 22 : 90;
    const side = (width - 2 * label - gap) / 2; // of each tree
    const height = TOP + ROW * languages.length + 6;
    const y = (row) => TOP + ROW * (row + 0.5);
    const parts = [this.title, heading(0, "start", `Layer ${layer}`), heading(width, "end", "Accepted families")];
    const row = rowsOf(tree.order);
    parts.push(...branches(tree, row, y, (share) => 6 + (1 - share) * (side - 10), languages.length));
    const settled = rowsOf(accepted.order);
    parts.push(...branches(accepted, settled, y, (share) => width - 6 - (1 - share) * (side - 10), languages.length));
    languages.forEach((language, leaf) => {
      const [left, right] = [side, width - side];
      const name = narrow ? shortened(language.name) : language.name;
      parts.push(mark(left + 7, y(row[leaf]), language), word(left + 17, y(row[leaf]), "start", name));
      parts.push(mark(right - 7, y(settled[leaf]), language), word(right - 17, y(settled[leaf]), "end", name));
      parts.push(
        make("path", {
          class: "link",
          d: `M${left + label} ${y(row[leaf])}C${left + label + gap / 2} ${y(row[leaf])} ${right - label - gap / 2} ${y(settled[leaf])} ${right - label} ${y(settled[leaf])}`,
          stroke: language.colour,
        }),
      );
    });
    this.title.textContent = tree.words;
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.drawing.style.height = `${height}px`;
    this.drawing.replaceChildren(...parts);
    this.caption.textContent = tree.words;
    this.root.dataset.layer = layer;
  }

  destroy() {
    document.removeEventListener(LAYER_EVENT, this.hear);
    this.watcher.disconnect();
    this.root.remove();
  }
}

function rowsOf(order) {
  const rows = [];
  order.forEach((leaf, row) => {
    rows[leaf] = row;
  });
  return rows;
}

/** The brackets of a tree: merges [a, b, height in 0 to 1] of leaves 0 to n - 1 and of earlier merges, n and up. */
function branches({ merges }, rows, y, x, n) {
  const at = rows.map((row) => [0, y(row)]);
  return merges.map(([a, b, share], i) => {
    const [[from, upper], [to, lower]] = [at[a], at[b]];
    at[n + i] = [share, (upper + lower) / 2];
    return make("path", { class: "branch", d: `M${x(from)} ${upper}H${x(share)}V${lower}H${x(to)}` });
  });
}

const shortened = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);
const heading = (x, anchor, text) => make("text", { x, y: 12, "text-anchor": anchor, class: "heading" }, text);
const word = (x, y, anchor, text) => make("text", { x, y: y + 4, "text-anchor": anchor }, text);
const mark = (x, y, language) =>
  make("path", { d: outline(language.symbol), fill: language.colour, transform: `translate(${x} ${y}) scale(5)` });
