// The same points on a plain canvas, for browsers without WebGL2.

import { toScreen } from "./camera.js";
import { outline, SYMBOL_NAMES } from "./symbols.js";
import { mixed } from "./webgl.js";

export class Plain {
  constructor(canvas, map) {
    Object.assign(this, { name: "canvas", canvas, map, order: mixed(map.points), stamps: new Map() });
    this.context = canvas.getContext("2d");
  }

  setStyles(styles) {
    this.styles = styles;
  }

  setPalette(colours) {
    this.palette = colours.map(([r, g, b]) => `rgb(${r} ${g} ${b})`);
    this.stamps.clear();
  }

  draw(views, { ratio, size, strengths }) {
    const { context, map, styles } = this;
    const { dims, points, states } = map;
    const coordinates = map.arrays.coordinates;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const view of views) {
      context.save();
      context.beginPath();
      context.rect(view.left, view.top, view.width, view.height);
      context.clip();
      const below = Math.floor(view.position);
      const along = view.position - below;
      const here = below * points * dims;
      const there = Math.min(below + 1, states - 1) * points * dims;
      for (const standing of [0, 1, 2]) {
        context.globalAlpha = strengths[standing];
        for (const i of this.order) {
          if (styles[4 * i + 2] !== standing) continue;
          const at = (axis) =>
            (coordinates[here + i * dims + axis] * (1 - along) + coordinates[there + i * dims + axis] * along) / 32767;
          const [x, y] = toScreen(view.matrix, at(0), at(1), dims === 3 ? at(2) : 0, view.width, view.height);
          const side = size * (view.scale ?? 1) * (standing === 2 ? 1.5 : 1);
          const stamp = this.stamp(styles[4 * i], styles[4 * i + 1], side * ratio);
          context.drawImage(stamp, view.left + x - side / 2, view.top + y - side / 2, side, side);
        }
      }
      context.restore();
    }
  }

  stamp(colour, symbol, side) {
    const key = `${colour} ${symbol} ${side.toFixed(1)}`;
    if (!this.stamps.has(key)) {
      const stamp = document.createElement("canvas");
      stamp.width = stamp.height = Math.ceil(side);
      const pen = stamp.getContext("2d");
      const unit = stamp.width / 2.6;
      pen.setTransform(unit, 0, 0, unit, stamp.width / 2, stamp.width / 2);
      const shape = new Path2D(outline(SYMBOL_NAMES[symbol]));
      pen.fillStyle = this.palette[colour];
      pen.fill(shape);
      this.stamps.set(key, stamp);
    }
    return this.stamps.get(key);
  }

  destroy() {}
}
