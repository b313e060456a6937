// Mouse, finger and wheel on the stage: point at, choose, lasso, move, zoom.

const STILL = 4; // pixels that a click may move

export class Pointer {
  /** `on.hover(point, at)`, `on.choose(point)`, `on.lasso(path, view, add)`, `on.open(layer)`, `on.camera()`. */
  constructor(scene, stage, on) {
    Object.assign(this, { scene, stage, on, mode: "select", down: new Map() });
    const listen = (name, handler, options) =>
      stage.addEventListener(name, (event) => handler.call(this, event), options);
    listen("pointerdown", this.press);
    listen("pointermove", this.move);
    listen("pointerup", this.release);
    listen("pointercancel", this.cancel);
    listen("pointerleave", () => this.hover(-1));
    listen("wheel", this.wheel, { passive: false });
  }

  /** Where an event is on the canvas, which begins inside the stage's border. */
  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left - this.stage.clientLeft, event.clientY - box.top - this.stage.clientTop];
  }

  press(event) {
    if (event.target.closest("button") || event.button > 0) return;
    this.stage.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    const at = this.at(event);
    this.down.set(event.pointerId, at);
    if (this.down.size === 2) this.scene.path = [];
    else Object.assign(this, { start: at, dragged: false, view: this.scene.viewAt(...at) });
  }

  move(event) {
    const at = this.at(event);
    const before = this.down.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") this.hover(event.target.closest("button") ? -1 : this.scene.pick(...at), at);
      return;
    }
    this.down.set(event.pointerId, at);
    if (this.down.size === 2) {
      this.pinch(before, event.pointerId);
      return;
    }
    this.dragged ||= Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > STILL;
    if (!this.dragged) return;
    this.hover(-1);
    if (this.mode === "select") this.scene.path = this.scene.path.length ? [...this.scene.path, at] : [this.start, at];
    else {
      const { width, height } = this.view ?? this.scene;
      this.scene.camera.drag(at[0] - before[0], at[1] - before[1], width, height);
      this.on.camera();
    }
    this.scene.redraw();
  }

  pinch(before, moved) {
    const [other] = [...this.down].filter(([id]) => id !== moved).map(([, position]) => position);
    const now = this.down.get(moved);
    const { width, height, left, top } = this.view ?? { ...this.scene, left: 0, top: 0 };
    const factor =
      Math.hypot(now[0] - other[0], now[1] - other[1]) /
      Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
    this.scene.camera.zoomAt(factor, (now[0] + other[0]) / 2 - left, (now[1] + other[1]) / 2 - top, width, height);
    if (this.scene.map.dims === 2)
      this.scene.camera.drag((now[0] - before[0]) / 2, (now[1] - before[1]) / 2, width, height);
    this.dragged = true;
    this.on.camera();
    this.scene.redraw();
  }

  release(event) {
    if (!this.down.delete(event.pointerId) || this.down.size) return;
    const { path } = this.scene;
    this.scene.path = [];
    if (path.length > 2 && this.view) this.on.lasso(path, this.scene.viewAt(...this.start), event.shiftKey);
    else if (!this.dragged) this.click(this.at(event));
    this.scene.redraw();
  }

  cancel(event) {
    this.down.delete(event.pointerId);
    this.scene.path = [];
    this.scene.redraw();
  }

  click(at) {
    const view = this.scene.viewAt(...at);
    const onNumber = this.scene.all && view && at[0] - view.left < 64 && at[1] - view.top < 24;
    const point = onNumber ? -1 : this.scene.pick(...at);
    if (point < 0 && this.scene.all && view) this.on.open(view.position);
    else this.on.choose(point);
  }

  hover(point, at) {
    if (point !== this.scene.hovered) this.on.hover(point, at);
  }

  /** The wheel scrolls the page until the reader has clicked the map or holds Ctrl. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey && !this.stage.matches(":focus")) return;
    event.preventDefault();
    const at = this.at(event);
    const view = this.scene.viewAt(...at);
    if (!view) return;
    this.scene.camera.zoomAt(
      Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)),
      at[0] - view.left,
      at[1] - view.top,
      view.width,
      view.height,
    );
    this.on.camera();
    this.scene.redraw();
  }
}
