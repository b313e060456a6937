// The points on their canvas: draws when something changed, glides between layers, and knows which point is where.

import { Camera, toScreen } from "./camera.js";
import { Plain } from "./canvas.js";
import { Motion } from "./motion.js";
import { Overlay, overlap } from "./overlay.js";
import { WebGL } from "./webgl.js";

const STRENGTHS = [0.1, 0.6, 1]; // of dimmed, plain and strong points
const TILE = 0.86; // height of a small multiple, in parts of its width
const REACH = 14; // pixels from the pointer to a point
const MULTIPLE = 190; // pixels, about the width of a small multiple
const HEIGHTS = [280, 600]; // pixels, of the stage
const HEAP = 60; // pixels, about the width of a heap of points
const BELOW = 72; // pixels that what stands under the stage takes

export class Scene {
  /** `on.layer(layer)` is called when another layer is set out for. */
  constructor(map, stage, on, { layer = 0, plain = false } = {}) {
    Object.assign(this, {
      map,
      stage,
      on,
      all: false,
      hovered: -1,
      chosen: -1,
      path: [],
      additions: [],
      positions: new Map(),
      frames: 0,
      times: [],
    });
    this.camera = new Camera(map.dims, map.centre, map.extent);
    this.motion = new Motion(map.states - 1, layer);
    this.styles = new Uint8Array(4 * map.points);
    [this.canvas, this.front] = stage.querySelectorAll("canvas");
    this.overlay = new Overlay(this.front);
    this.renderer = this.rendererFor(plain);
    this.lost = () => this.fallBack();
    this.canvas.addEventListener("webglcontextlost", this.lost);
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(stage);
    this.resized = () => this.resize();
    window.addEventListener("resize", this.resized);
  }

  rendererFor(plain) {
    if (!plain) {
      try {
        return new WebGL(this.canvas, this.map);
      } catch (error) {
        console.info(`The map is drawn without WebGL2: ${error.message}`);
        this.renewCanvas();
      }
    }
    return new Plain(this.canvas, this.map);
  }

  /** A canvas that has given a WebGL context gives no other one. */
  renewCanvas() {
    const fresh = this.canvas.cloneNode();
    this.canvas.replaceWith(fresh);
    this.canvas = fresh;
  }

  fallBack() {
    if (this.destroyed) return;
    this.renewCanvas();
    this.renderer = new Plain(this.canvas, this.map);
    this.colour();
    this.resize();
  }

  /** Take over theme, colours, symbols and standings. */
  colour({
    look = this.look,
    classes = this.classes,
    colours = this.colours,
    names = this.names,
    symbols = this.symbols,
    standing = this.standing,
  } = {}) {
    Object.assign(this, { look, classes, colours, names, symbols, standing });
    for (let i = 0; i < this.map.points; i++) {
      this.styles[4 * i] = classes[i];
      this.styles[4 * i + 1] = symbols(i);
      this.styles[4 * i + 2] = standing(i);
    }
    this.renderer.setPalette(colours);
    this.renderer.setStyles(this.styles);
    this.redraw();
  }

  goTo(layer) {
    if (layer === this.motion.target) return;
    this.motion.goTo(layer, performance.now());
    this.on.layer(this.motion.target);
    this.redraw();
  }

  play() {
    const before = this.layer;
    this.motion.play(performance.now());
    if (this.layer !== before) this.on.layer(this.layer, true);
    this.redraw();
  }

  get layer() {
    return this.motion.target;
  }

  /** Pixels of the window that are left for the stage where nobody has scrolled, so that all of it is seen at once. */
  room() {
    let top = this.stage.getBoundingClientRect().top;
    for (let node = this.stage; node; node = node.parentElement ?? node.getRootNode().host) top += node.scrollTop;
    return window.innerHeight - top - BELOW;
  }

  resize() {
    const width = Math.floor(this.stage.clientWidth);
    if (!width) return;
    const room = width < 480 ? width * 0.95 : Math.max(HEIGHTS[0], Math.min(this.room(), HEIGHTS[1]));
    this.columns = this.all ? Math.max(2, Math.round(width / MULTIPLE)) : 1;
    const tiled = () => Math.ceil(this.map.states / this.columns) * (width / this.columns) * TILE;
    if (width >= 480) while (this.all && tiled() > room && this.columns < this.map.states) this.columns += 1;
    const height = Math.round(this.all ? tiled() : room);
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    Object.assign(this, { width, height, ratio });
    this.stage.style.height = `${height}px`;
    for (const canvas of [this.canvas, this.front]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.draw();
  }

  redraw() {
    this.stale = true;
    this.request ??= requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.request = null;
    const before = this.motion.position;
    if (this.motion.step(now)) this.on.layer(this.motion.target, this.motion.playing);
    const { moving, position } = this.motion;
    const moved = position !== before;
    if (moved || this.stale) {
      if (this.last && moved) this.times.push(now - this.last);
      this.last = moving ? now : null;
      if (this.times.length > 600) this.times.shift();
      this.stale = false;
      this.draw();
    }
    if (this.motion.moving || this.motion.playing) this.request ??= requestAnimationFrame((time) => this.frame(time));
  }

  /** The rectangles of the canvas that show a layer each: one, or one for every layer. */
  views() {
    const { width, height, camera } = this;
    if (!this.all)
      return [{ left: 0, top: 0, width, height, position: this.motion.position, matrix: camera.matrix(width, height) }];
    const across = width / this.columns;
    const down = height / Math.ceil(this.map.states / this.columns);
    const matrix = camera.matrix(across, down);
    return Array.from({ length: this.map.states }, (_, layer) => ({
      left: (layer % this.columns) * across,
      top: Math.floor(layer / this.columns) * down,
      width: across,
      height: down,
      position: layer,
      matrix,
      scale: 0.62,
    }));
  }

  draw() {
    if (!this.width || !this.look) return;
    const { look, ratio } = this;
    this.shown = this.views();
    this.positions = new Map();
    this.renderer.draw(this.shown, { ratio, size: this.size, strengths: STRENGTHS });
    this.overlay.begin(ratio, look);
    if (!this.all) this.placeAdditions(this.shown[0]);
    if (!this.all && this.chosen < 0) this.overlay.classes(this.middles(this.shown[0]), this.shown[0]);
    for (const view of this.shown) this.drawOver(view);
    this.overlay.lasso(this.path);
    this.frames += 1;
    this.stage.dataset.frames = this.frames;
    this.stage.dataset.position = this.motion.position.toFixed(4);
    this.stage.dataset.renderer = this.renderer.name;
  }

  /** Pixels from edge to edge of the square that holds a symbol. */
  get size() {
    return Math.max(5, Math.min(13, 13 - 1.8 * Math.log2(this.map.points / 600 + 1))) * (this.width < 480 ? 0.85 : 1);
  }

  drawOver(view) {
    if (this.all) this.overlay.tile(view, `Layer ${view.position}`, view.position === this.layer);
    if (this.chosen >= 0) {
      const positions = this.positionsIn(view);
      const at = (point) => [
        positions[2 * point] + view.left,
        positions[2 * point + 1] + view.top,
        this.map.language(point).name,
      ];
      const others = this.map.translations(this.chosen).filter((point) => point !== this.chosen);
      this.overlay.spokes(at(this.chosen), others.map(at), view, !this.all);
      this.overlay.ring(...at(this.chosen).slice(0, 2), this.all ? 5 : 9, this.look.ink);
    }
    if (this.hovered >= 0) {
      const positions = this.positionsIn(view);
      this.overlay.ring(
        positions[2 * this.hovered] + view.left,
        positions[2 * this.hovered + 1] + view.top,
        this.all ? 5 : 9,
        this.look.primary,
      );
    }
    for (const each of this.additions) {
      const [x, y] = this.placeOf(each.coordinates, view);
      this.overlay.ring(view.left + x, view.top + y, this.all ? 5 : 10, this.look.primary, 3.5);
      if (this.all) each.label.hidden = true;
    }
  }

  /** Put what was typed over its ring, or under it where another stands; names of classes leave the room free. */
  placeAdditions(view) {
    const { taken } = this.overlay;
    for (const { coordinates, label } of this.additions) {
      const [x, y] = this.placeOf(coordinates, view);
      label.hidden = x < 0 || y < 0 || x > view.width || y > view.height;
      label.dataset.position = `${x.toFixed(1)},${y.toFixed(1)}`;
      if (label.hidden) continue;
      const { offsetWidth: width, offsetHeight: height } = label;
      const left = Math.max(2, Math.min(x - width / 2, view.width - width - 2));
      const boxes = [y - height - 14, y + 16, y - 2 * height - 18, y + height + 20].map((top) => [
        left,
        top,
        left + width,
        top + height,
      ]);
      const within = boxes.filter((box) => box[1] > 0 && box[3] < view.height);
      const free = within.find((box) => !taken.some((other) => overlap(box, other))) ?? within[0] ?? boxes[0];
      label.style.transform = `translate(${free[0]}px, ${free[1]}px)`;
      taken.push(free);
    }
  }

  /** Where the name of each class of points that stand out belongs, [x, y, name], the largest class first. */
  middles(view) {
    const positions = this.positionsIn(view);
    const members = this.names.map(() => []);
    for (let i = 0; i < this.map.points; i++) if (this.styles[4 * i + 2]) members[this.classes[i]].push(i);
    return members
      .map((points, k) => [points, this.names[k]])
      .filter(([points]) => points.length)
      .sort(([a], [b]) => b.length - a.length)
      .map(([points, name]) => [...middle(points, positions), name]);
  }

  /** The pixel of something with coordinates at every layer. */
  placeOf(coordinates, view) {
    const below = Math.floor(view.position);
    const along = view.position - below;
    const here = coordinates[below];
    const there = coordinates[Math.min(below + 1, coordinates.length - 1)];
    const [x, y, z = 0] = here.map((value, axis) => value * (1 - along) + there[axis] * along);
    return toScreen(view.matrix, x, y, z, view.width, view.height);
  }

  /** x and y of every point in pixels of a view; computed once a frame, when asked for. */
  positionsIn(view) {
    if (!this.positions.has(view)) {
      const { dims, points, states, arrays } = this.map;
      const { coordinates } = arrays;
      const below = Math.floor(view.position);
      const along = view.position - below;
      const here = below * points * dims;
      const there = Math.min(below + 1, states - 1) * points * dims;
      const m = view.matrix;
      const positions = new Float32Array(2 * points);
      const unit = 1 / 32767;
      for (let i = 0, at = 0; i < points; i++, at += dims) {
        const x = unit * (coordinates[here + at] * (1 - along) + coordinates[there + at] * along);
        const y = unit * (coordinates[here + at + 1] * (1 - along) + coordinates[there + at + 1] * along);
        const z =
          dims === 3 ? unit * (coordinates[here + at + 2] * (1 - along) + coordinates[there + at + 2] * along) : 0;
        const w = m[3] * x + m[7] * y + m[11] * z + m[15];
        positions[2 * i] = ((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) * 0.5 * view.width;
        positions[2 * i + 1] = (1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) * 0.5 * view.height;
      }
      this.positions.set(view, positions);
    }
    return this.positions.get(view);
  }

  viewAt(x, y) {
    return this.shown?.find(
      (view) => x >= view.left && y >= view.top && x < view.left + view.width && y < view.top + view.height,
    );
  }

  /** The point at a pixel of the canvas, those that stand out first, or -1. */
  pick(x, y) {
    const view = this.viewAt(x, y);
    if (!view) return -1;
    const positions = this.positionsIn(view);
    const reach = this.all ? REACH / 2 : REACH;
    let best = -1;
    let nearest = reach ** 2;
    for (let i = 0; i < this.map.points; i++) {
      const d =
        (positions[2 * i] - x + view.left) ** 2 +
        (positions[2 * i + 1] - y + view.top) ** 2 +
        40 * (2 - this.styles[4 * i + 2]);
      if (d < nearest) [best, nearest] = [i, d];
    }
    return best;
  }

  /** The pixel of the canvas that a point is drawn at; in small multiples, at the layer set out for. */
  placed(point) {
    const view = this.shown[this.all ? this.layer : 0];
    const positions = this.positionsIn(view);
    return [positions[2 * point] + view.left, positions[2 * point + 1] + view.top];
  }

  destroy() {
    this.destroyed = true;
    cancelAnimationFrame(this.request);
    this.watcher.disconnect();
    window.removeEventListener("resize", this.resized);
    this.renderer.destroy();
  }
}

/** The middle of the largest heap of some points: the mean of two heaps would lie where no point is. */
function middle(points, positions) {
  const heaps = new Map();
  for (const i of points) {
    const key = `${Math.round(positions[2 * i] / HEAP)},${Math.round(positions[2 * i + 1] / HEAP)}`;
    if (!heaps.has(key)) heaps.set(key, []);
    heaps.get(key).push(i);
  }
  const largest = [...heaps.values()].reduce((best, heap) => (heap.length > best.length ? heap : best));
  return [0, 1].map((axis) => largest.reduce((sum, i) => sum + positions[2 * i + axis], 0) / largest.length);
}
