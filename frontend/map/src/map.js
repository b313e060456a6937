// A map of sentence vectors that moves through the layers: everything a reader does happens here, without the server.

import { Address } from "./address.js";
import { icon, make, segmented, select } from "./elements.js";
import { sayLayer } from "./events.js";
import * as lasso from "./lasso.js";
import { overlap } from "./overlay.js";
import { additions, unpack } from "./payload.js";
import { Pointer } from "./pointer.js";
import { Reading } from "./reading.js";
import { Scene } from "./scene.js";
import { outline, symbolIndex } from "./symbols.js";

const HINT =
  "Draw a line around points to read their sentences. Click a point to see its translations and its neighbours.";
const FEW = 20; // a selection is drawn larger if it is at most one in so many points: else it is lost among the others

/** The payload with what is read off it. */
export function opened(packed) {
  const map = unpack(packed);
  const { language, sentence, neighbours } = map.arrays;
  const each = neighbours.length / (map.states * map.points) || 0;
  const together = new Map();
  for (const [point, s] of sentence.entries()) together.set(s, [...(together.get(s) ?? []), point]);
  const names = (key) => {
    const by = map.colourings.find((colouring) => colouring.key === key);
    return by && Array.from(map.arrays[`by_${key}`], (index) => by.classes[index].name);
  };
  return Object.assign(map, {
    language: (point) => map.languages[language[point]],
    sentence: (point) => sentence[point],
    translations: (point) => together.get(sentence[point]),
    topics: names("topic"),
    sentiments: names("sentiment"),
    neighbours: (point, layer) => {
      const first = (layer * map.points + point) * each;
      return Array.from(neighbours.subarray(first, first + each));
    },
  });
}

export class PointMap {
  constructor(parent, packed, { keepsAddress = true, plain = false } = {}) {
    this.map = opened(packed);
    this.digest = this.map.digest;
    this.address = new Address(keepsAddress);
    this.only = new Set();
    this.selected = null; // a Set of points, when some are
    this.lassos = []; // that the selection was made with
    this.chosen = -1;
    this.chosenAddition = null;
    this.map.markOf = (point) => this.markOf(point);
    this.restore();
    this.build(parent);
    this.scene = new Scene(
      this.map,
      this.stage,
      { layer: (layer, playing) => this.layerChanged(layer, playing) },
      { layer: this.firstLayer, plain },
    );
    this.scene.all = this.view === "all";
    if (this.firstCamera) Object.assign(this.scene.camera, this.firstCamera);
    this.pointer = new Pointer(this.scene, this.stage, {
      hover: (point, at) => this.hover(point, at),
      choose: (point) => this.choose(point),
      open: (layer) => this.open(layer),
      lasso: (path, view, add) => this.lasso(path, view, add),
      camera: () => this.cameraMoved(),
    });
    this.restyle();
    this.legend();
    this.add(additions(packed));
    this.reading.list([], HINT);
    this.reselect();
    if (this.firstChosen >= 0) this.choose(this.firstChosen);
    this.layerChanged(this.firstLayer);
    this.root.dataset.ready = "true";
  }

  /** What the page's address asks for. */
  restore() {
    const { map, address } = this;
    const among = (value, options, otherwise) => (options.includes(value) ? value : otherwise);
    this.colouring = among(
      address.get("colour"),
      map.colourings.map((c) => c.key),
      map.colourings[0].key,
    );
    this.shapes = among(address.get("shape"), ["family", "colour"], "family");
    this.view = among(address.get("view"), ["one", "all"], "one");
    const layer = Number.parseInt(address.get("layer") ?? "", 10);
    this.firstLayer = layer >= 0 && layer < map.states ? layer : map.start;
    const classes = this.coloured().classes.map((each) => each.name);
    (address.get("only") ?? "")
      .split("|")
      .filter((name) => classes.includes(name))
      .forEach((name) => {
        this.only.add(name);
      });
    const [id, code] = (address.get("point") ?? "").split("@");
    this.firstChosen = map.texts.findIndex((_, p) => map.ids[map.sentence(p)] === id && map.language(p).code === code);
    const at = (address.get("at") ?? "").split(",").map(Number);
    if (at.length === 5 && at.every(Number.isFinite))
      this.firstCamera = { x: at[0], y: at[1], zoom: Math.max(0.4, Math.min(60, at[2])), yaw: at[3], pitch: at[4] };
  }

  build(parent) {
    const { map } = this;
    const last = map.states - 1;
    this.playing = make("button", {
      type: "button",
      class: "play",
      "aria-label": "Play through the layers",
      onclick: () => this.togglePlay(),
    });
    this.slider = make("input", {
      type: "range",
      min: 0,
      max: last,
      step: 1,
      value: this.firstLayer,
      "aria-label": "Layer",
      oninput: () => {
        this.pause();
        this.scene.goTo(Number(this.slider.value));
      },
    });
    this.ticks = make(
      "div",
      { class: "ticks", "aria-hidden": "true" },
      ...Array.from({ length: map.states }, (_, k) => make("span", {}, String(k))),
    );
    this.where = make("output", { class: "where" });
    const colours = select(
      "Colour",
      map.colourings.map((c) => [c.key, c.label]),
      this.colouring,
      (key) => this.recolour(key),
    );
    const shapes = select(
      "Shape",
      [
        ["family", "Family"],
        ["colour", "As the colour"],
      ],
      this.shapes,
      (key) => {
        this.shapes = key;
        this.address.set({ shape: key === "family" ? null : key });
        this.legend();
        this.paint();
      },
    );
    this.viewing = segmented(
      "View",
      [
        ["one", "One layer", "One layer at a time"],
        ["all", "All layers", "Every layer side by side"],
      ],
      this.view,
      (key) => this.setView(key),
    );
    const mode = segmented(
      "Dragging",
      [
        ["select", "Select", "Drag to draw a line around points; with Shift, to add to them"],
        ["move", map.dims === 3 ? "Turn" : "Move", map.dims === 3 ? "Drag to turn the map" : "Drag to move the map"],
      ],
      "select",
      (key) => {
        this.pointer.mode = key;
        this.stage.dataset.mode = key;
      },
    );
    const zoom = (sign, label, factor) =>
      make("button", { type: "button", "aria-label": label, title: label, onclick: () => this.zoom(factor) }, sign);
    const zooms = make(
      "div",
      { class: "segmented" },
      zoom("+", "Zoom in", 1.4),
      zoom("−", "Zoom out", 1 / 1.4),
      zoom("⌂", "The whole map", 0),
    );
    this.find = make("input", {
      type: "search",
      placeholder: "Find in sentences",
      "aria-label": "Find in sentences",
      dir: "auto",
      oninput: () => this.search(),
    });
    this.tip = make("div", { class: "tip", role: "tooltip", hidden: true });
    this.stage = make(
      "div",
      {
        class: "stage",
        tabindex: 0,
        role: "application",
        "data-mode": "select",
        "aria-label": "Map of sentences. Arrow keys change the layer, the space bar plays, Escape clears.",
        onkeydown: (event) => this.key(event),
      },
      make("canvas", { class: "points" }),
      make("canvas", { class: "front" }),
      this.tip,
    );
    this.honesty = make("p", { class: "honesty" });
    this.keys = make("div", { class: "legend", role: "group", "aria-label": "Legend: choose what stands out" });
    this.reading = new Reading(map, { choose: (point) => this.choose(point), hover: (point) => this.hover(point) });
    this.root = make(
      "div",
      {
        class: "map",
        onkeydown: (event) => {
          if (event.key === "Escape") this.escape();
        },
      },
      make("div", { class: "tools" }, colours, shapes, this.viewing, mode, zooms, this.find),
      make(
        "div",
        { class: "time" },
        this.playing,
        make("div", { class: "track" }, this.slider, this.ticks),
        this.where,
      ),
      make(
        "div",
        { class: "board" },
        this.stage,
        make("div", { class: "side" }, make("div", { class: "beside" }, this.keys, this.reading.element)),
      ),
      this.honesty,
    );
    this.root.style.setProperty("--states", map.states);
    parent.append(this.root);
    this.root.pointMap = this; // for whoever wants to drive it from outside
    this.showPlaying();
  }

  coloured() {
    return this.map.colourings.find((colouring) => colouring.key === this.colouring);
  }

  markOf(point) {
    const by = this.coloured();
    const own = by.classes[this.map.arrays[`by_${by.key}`][point]];
    const family = this.map.colourings[0];
    return {
      colour: own.colour,
      symbol: this.shapes === "colour" ? own.symbol : family.classes[this.map.arrays[`by_${family.key}`][point]].symbol,
    };
  }

  /** Read the theme again and paint with it. */
  restyle() {
    const style = getComputedStyle(this.root);
    const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const probe = make("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const bytes = (colour) => {
      probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1);
      return Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
    };
    const paper = read("--st-background-color", "#ffffff");
    this.bytes = bytes;
    this.look = {
      ink: read("--st-text-color", "#23262b"),
      paper,
      paperBytes: bytes(paper),
      border: read("--st-border-color", "#cccccc"),
      primary: read("--st-primary-color", "#1b6b7f"),
      font: style.fontFamily,
    };
    this.paint();
  }

  paint() {
    const { map, only, selected, chosen } = this;
    const by = this.coloured();
    const classes = map.arrays[`by_${by.key}`];
    const family = map.colourings[0];
    const shaped = this.shapes === "colour" ? by : family;
    const positions = map.arrays[`by_${shaped.key}`];
    const symbols = shaped.classes.map((each) => symbolIndex(each.symbol));
    const on = by.classes.map((each) => !only.size || only.has(each.name));
    const sentence = chosen >= 0 ? map.sentence(chosen) : -1;
    const few = selected && selected.size * FEW <= map.points;
    this.scene.colour({
      look: this.look,
      classes,
      colours: by.classes.map((each) => this.bytes(each.colour)),
      names: by.classes.map((each) => each.name),
      symbols: (point) => symbols[positions[point]],
      standing: (point) => {
        if (map.sentence(point) === sentence) return 2;
        if (!on[classes[point]] || (selected && !selected.has(point)) || (sentence >= 0 && !selected)) return 0;
        return few && sentence < 0 ? 2 : 1;
      },
    });
  }

  legend() {
    const by = this.coloured();
    const counts = new Uint32Array(by.classes.length);
    for (const index of this.map.arrays[`by_${by.key}`]) counts[index]++;
    const items = by.classes.map((each, index) => {
      const symbol = this.shapes === "colour" || by.key === "family" ? each.symbol : (each.familySymbol ?? "circle");
      return make(
        "button",
        {
          type: "button",
          "aria-pressed": String(this.only.has(each.name)),
          "data-class": each.name,
          onclick: () => this.toggle(each.name),
        },
        icon(outline(symbol), each.colour),
        make("span", {}, each.name),
        make("span", { class: "count" }, counts[index].toLocaleString("en")),
      );
    });
    this.keys.replaceChildren(...items);
    this.keys.classList.toggle("some", this.only.size > 0);
  }

  toggle(name) {
    if (!this.only.delete(name)) this.only.add(name);
    if (this.only.size === this.coloured().classes.length) this.only.clear();
    for (const each of this.keys.children) each.setAttribute("aria-pressed", String(this.only.has(each.dataset.class)));
    this.keys.classList.toggle("some", this.only.size > 0);
    this.address.set({ only: [...this.only].join("|") });
    this.paint();
  }

  recolour(key) {
    this.colouring = key;
    this.only.clear();
    this.address.set({ colour: key === this.map.colourings[0].key ? null : key, only: null });
    this.legend();
    this.paint();
    this.reading.list(this.reading.rows, this.reading.caption.textContent);
  }

  setView(key) {
    this.view = key;
    this.pause();
    this.scene.all = key === "all";
    this.viewing.press(key);
    this.address.set({ view: key === "one" ? null : key });
    this.scene.resize();
    this.scene.redraw();
  }

  open(layer) {
    this.scene.goTo(layer);
    this.setView("one");
  }

  zoom(factor) {
    const { camera, shown } = this.scene;
    const { width, height } = shown[0];
    if (factor) camera.zoomAt(factor, width / 2, height / 2, width, height);
    else camera.home();
    this.cameraMoved();
    this.scene.redraw();
  }

  cameraMoved() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const { camera } = this.scene;
      this.address.set({
        at: camera.isHome
          ? null
          : [camera.x, camera.y, camera.zoom, camera.yaw, camera.pitch].map((v) => Number(v.toFixed(3))).join(","),
      });
    }, 300);
  }

  togglePlay() {
    if (this.scene.motion.playing) this.pause();
    else {
      if (this.view === "all") this.setView("one");
      this.scene.play();
    }
    this.showPlaying();
  }

  pause() {
    this.scene.motion.stop();
    this.showPlaying();
  }

  showPlaying() {
    const playing = this.scene?.motion.playing ?? false;
    this.playing.textContent = playing ? "❚❚" : "▶";
    this.playing.setAttribute("aria-pressed", String(playing));
  }

  layerChanged(layer) {
    this.slider.value = layer;
    const last = this.map.states - 1;
    const what = layer === 0 ? "embeddings" : `output of block ${layer}`;
    this.slider.setAttribute("aria-valuetext", `layer ${layer}, ${what}`);
    this.slider.style.setProperty("--share", layer / Math.max(1, last));
    this.where.replaceChildren(make("b", {}, `Layer ${layer}`), make("span", {}, what));
    this.honesty.textContent = this.map.honesty[layer];
    for (const [k, tick] of [...this.ticks.children].entries()) tick.classList.toggle("here", k === layer);
    if (this.chosen >= 0) this.reading.choose(this.chosen, layer);
    else if (this.chosenAddition) this.showAddition(this.chosenAddition);
    if (this.scene && !this.scene.motion.playing) this.showPlaying();
    this.root.dataset.layer = layer;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.address.set({ layer: layer === this.map.start ? null : layer }), 250);
    sayLayer(layer);
  }

  /** Ring a point; where the pointer is on the map, say there what it is. */
  hover(point, at = null) {
    this.scene.hovered = point;
    this.stage.classList.toggle("pointing", point >= 0);
    this.tip.hidden = point < 0 || !at;
    this.scene.redraw();
    if (this.tip.hidden) return;
    const language = this.map.language(point);
    this.tip.replaceChildren(
      make("span", { class: "who" }, this.reading.signOf(point), `${language.name} · ${language.family}`),
      make("span", { class: "text", lang: language.bcp47, dir: language.direction }, this.map.texts[point]),
    );
    const [left, top] = this.free(this.scene.all ? at : this.scene.placed(point), this.tip.getBoundingClientRect());
    this.tip.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** Where a box of this size stands best: near a pixel of the stage, and over as little of the names as can be. */
  free([x, y], { width, height }) {
    const { scene } = this;
    const [right, bottom] = [scene.width - width - 6, scene.height - height - 6];
    const spots = [
      [x - width / 2, y - height - 16],
      [x - width / 2, y + 16],
      [x + 16, y - height / 2],
      [x - width - 16, y - height / 2],
      ...[6, right].flatMap((left) => [6, bottom].map((top) => [left, top])),
    ].map(([left, top]) => [Math.max(6, Math.min(right, left)), Math.max(6, Math.min(bottom, top))]);
    const boxes = [...scene.overlay.taken, [x - 9, y - 9, x + 9, y + 9]];
    const covered = spots.map(([left, top]) =>
      boxes.reduce((sum, box) => sum + overlap([left, top, left + width, top + height], box), 0),
    );
    return spots[covered.indexOf(Math.min(...covered))];
  }

  choose(point) {
    if (point < 0 && this.chosen < 0 && !this.chosenAddition && this.selected) this.clearSelection();
    this.chosen = point;
    this.scene.chosen = point;
    this.chosenAddition = null;
    this.reading.choose(point, this.scene.layer);
    this.address.set({
      point: point < 0 ? null : `${this.map.ids[this.map.sentence(point)]}@${this.map.language(point).code}`,
    });
    if (point >= 0 && !this.selected)
      this.reading.list(
        this.map.translations(point),
        `This sentence in ${this.map.translations(point).length} languages`,
      );
    else if (point < 0 && !this.selected) this.reading.list([], HINT);
    this.reading.mark(point);
    this.paint();
  }

  /** Select the points inside a line that was drawn in a view; the address keeps it. */
  lasso(path, view, add) {
    if (!add) this.lassos = [];
    this.lassos.push(lasso.drawn(path, view, this.scene.camera, view.position));
    this.address.set({ lasso: lasso.written(this.lassos), find: null });
    this.find.value = "";
    this.select(lasso.caught(this.lassos.at(-1), this.scene), add);
  }

  /** Select again what the address says. */
  reselect() {
    this.lassos = lasso.read(this.address.get("lasso"), this.map);
    const points = this.lassos.flatMap((each) => lasso.caught(each, this.scene));
    if (points.length) this.select([...new Set(points)], false);
    else if (this.address.get("find")) {
      this.find.value = this.address.get("find");
      this.seek();
    }
  }

  select(points, add) {
    if (add && this.selected) points = [...new Set([...this.selected, ...points])];
    if (!points.length) {
      this.clearSelection();
      return;
    }
    this.selected = new Set(points);
    if (this.chosen >= 0 && !this.selected.has(this.chosen)) this.choose(-1);
    const languages = new Set(points.map((point) => this.map.language(point).code)).size;
    const sentences = new Set(points.map((point) => this.map.sentence(point))).size;
    const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
    this.reading.list(
      points,
      `${plural(points.length, "point")} selected: ${plural(sentences, "sentence")} in ${plural(languages, "language")}`,
    );
    this.paint();
  }

  clearSelection() {
    this.selected = null;
    this.lassos = [];
    this.address.set({ lasso: null, find: null });
    this.find.value = "";
    this.reading.list([], HINT);
    this.paint();
  }

  search() {
    clearTimeout(this.searching);
    this.searching = setTimeout(() => this.seek(), 200);
  }

  seek() {
    const { value } = this.find;
    const wanted = value.trim().toLowerCase();
    const found = [];
    this.map.texts.forEach((text, point) => {
      if (wanted && text.toLowerCase().includes(wanted)) found.push(point);
    });
    this.clearSelection();
    if (!wanted) return;
    if (found.length) this.select(found, false);
    else this.reading.list([], "No sentence holds these letters.");
    this.find.value = value;
    this.address.set({ find: value.trim() });
  }

  /** Sentences that the reader typed: rings with their text. */
  add(additions) {
    for (const each of this.scene.additions) each.label.remove();
    this.scene.additions = (additions ?? []).map((addition) => ({
      ...addition,
      label: make(
        "button",
        { type: "button", class: "addition", dir: "auto", onclick: () => this.showAddition(addition) },
        addition.text,
      ),
    }));
    this.stage.append(...this.scene.additions.map((each) => each.label));
    this.stage.dataset.additions = this.scene.additions.length;
    this.scene.redraw();
    const newest = this.scene.additions.at(-1);
    if (newest && newest.text !== this.newest) this.showAddition(newest);
    this.newest = newest?.text;
  }

  showAddition(addition) {
    if (this.chosen >= 0) this.choose(-1);
    this.chosenAddition = addition;
    this.reading.addition(addition.text, addition.neighbours[this.scene.layer], this.scene.layer, addition.note);
  }

  key(event) {
    const last = this.map.states - 1;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -last, End: last };
    if (event.target !== this.stage) return;
    if (event.key in steps) {
      this.pause();
      this.scene.goTo(Math.max(0, Math.min(last, this.scene.layer + steps[event.key])));
    } else if (event.key === " ") this.togglePlay();
    else if (event.key === "+" || event.key === "=") this.zoom(1.4);
    else if (event.key === "-") this.zoom(1 / 1.4);
    else if (event.key === "0") this.zoom(0);
    else return;
    event.preventDefault();
  }

  /** One step back: the lasso, then the chosen point, then the selection, then the legend. */
  escape() {
    this.pause();
    if (this.scene.path.length) this.scene.path = [];
    else if (this.chosen >= 0 || this.chosenAddition) this.choose(-1);
    else if (this.selected) this.clearSelection();
    else if (this.only.size) {
      this.only.clear();
      this.address.set({ only: null });
      this.legend();
      this.paint();
    }
    this.scene.redraw();
  }

  destroy() {
    for (const timer of [this.telling, this.settling, this.searching]) clearTimeout(timer);
    this.scene.destroy();
    this.root.remove();
  }
}
