// How a point map moves between layers: a position that glides towards a target, and a tour through all layers.

const GLIDE = 550; // milliseconds for one layer
const LONGEST = 1600;
const REST = 450; // on each layer of the tour

const ease = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2);

export class Motion {
  constructor(last, layer) {
    Object.assign(this, { last, position: layer, target: layer, playing: false });
  }

  /** Set out for a layer; without gliding where the reader prefers stillness. */
  goTo(layer, now) {
    this.target = Math.max(0, Math.min(this.last, layer));
    this.from = this.position;
    this.started = now;
    this.duration = Math.min(LONGEST, GLIDE * Math.sqrt(Math.abs(this.target - this.from)));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.position = this.target;
  }

  play(now) {
    this.playing = true;
    this.arrived = now - REST;
    if (this.target === this.last) this.goTo(0, now);
  }

  stop() {
    this.playing = false;
  }

  get moving() {
    return this.position !== this.target;
  }

  /** Move on to the time `now`; true when the target has changed. */
  step(now) {
    if (this.moving) {
      const share = this.duration ? Math.min(1, (now - this.started) / this.duration) : 1;
      this.position = share === 1 ? this.target : this.from + (this.target - this.from) * ease(Math.max(0, share));
      if (!this.moving) this.arrived = now;
      return false;
    }
    if (!this.playing || now - this.arrived < REST) return false;
    if (this.target === this.last) {
      this.stop();
      return true;
    }
    this.goTo(this.target + 1, now);
    return true;
  }
}
