// Points on a WebGL2 canvas: coordinates of every layer stay on the card, a shader glides between two of them.

import { atlas, COLUMNS, EDGE, SPREAD } from "./symbols.js";

const VERTEX = `#version 300 es
in vec3 here;      // at the layer below
in vec3 there;     // at the layer above
in uvec4 look;     // colour, symbol, standing (0 dimmed, 1 plain, 2 strong), unused
uniform mat4 matrix;
uniform float along, size;
uniform uint pass;
flat out vec2 tile;
flat out vec4 ink;
flat out float diameter;
uniform sampler2D palette;
void main() {
  gl_Position = matrix * vec4(mix(here, there, along), 1.0);
  if (look.z != pass) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  diameter = size * (look.z == 2u ? 1.5 : 1.0) / gl_Position.w;
  gl_PointSize = diameter;
  tile = vec2(look.y % ${COLUMNS}u, look.y / ${COLUMNS}u);
  ink = texelFetch(palette, ivec2(look.x, 0), 0);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec2 tile;
flat in vec4 ink;
flat in float diameter;
uniform sampler2D symbols;
uniform vec2 grid;
uniform float strength;
out vec4 colour;
void main() {
  float inside = (texture(symbols, (tile + gl_PointCoord) / grid).r - 0.502) * ${(2 * SPREAD).toFixed(2)};
  float pixels = inside * diameter / ${(2 * EDGE).toFixed(2)};
  float cover = clamp(pixels + 0.5, 0.0, 1.0);
  if (cover <= 0.02) discard;
  colour = vec4(ink.rgb, 1.0) * cover * strength;
}`;

export class WebGL {
  /** Throws where the browser has no WebGL2. */
  constructor(canvas, map) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      premultipliedAlpha: true,
      powerPreference: "low-power",
    });
    if (!gl) throw new Error("no WebGL2");
    Object.assign(this, { name: "webgl2", gl, dims: map.dims, points: map.points, states: map.states });
    this.program = linked(gl, VERTEX, FRAGMENT);
    this.positions = Object.fromEntries(
      ["matrix", "along", "size", "pass", "symbols", "palette", "grid", "strength"].map((name) => [
        name,
        gl.getUniformLocation(this.program, name),
      ]),
    );
    this.coordinates = filled(gl, map.arrays.coordinates);
    this.styles = filled(gl, new Uint8Array(4 * this.points));
    this.order = gl.createBuffer();
    this.vertices = gl.createVertexArray();
    gl.bindVertexArray(this.vertices);
    const shuffled = mixed(this.points);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, shuffled, gl.STATIC_DRAW);
    const look = gl.getAttribLocation(this.program, "look");
    gl.bindBuffer(gl.ARRAY_BUFFER, this.styles);
    gl.enableVertexAttribArray(look);
    gl.vertexAttribIPointer(look, 4, gl.UNSIGNED_BYTE, 0, 0);
    this.ends = ["here", "there"].map((name) => gl.getAttribLocation(this.program, name));
    for (const end of this.ends) gl.enableVertexAttribArray(end);
    const { texels, width, height, rows } = atlas();
    this.grid = [COLUMNS, rows];
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    texture(gl, 0, gl.LINEAR);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, texels);
    texture(gl, 1, gl.NEAREST);
  }

  /** Colour, symbol and standing of every point: four bytes each. */
  setStyles(styles) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.styles);
    gl.bufferData(gl.ARRAY_BUFFER, styles, gl.DYNAMIC_DRAW);
    this.standings = [0, 1, 2].filter((standing) => styles.some((value, i) => i % 4 === 2 && value === standing));
  }

  /** At most 256 colours, [red, green, blue] in 0 to 255. */
  setPalette(colours) {
    const { gl } = this;
    const texels = new Uint8Array(256 * 4);
    for (const [i, rgb] of colours.entries()) texels.set([...rgb, 255], 4 * i);
    gl.activeTexture(gl.TEXTURE1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  /** Draw views, each a rectangle in CSS pixels with a position between the layers and a matrix. */
  draw(views, { ratio, size, strengths }) {
    const { gl, positions } = this;
    const { width, height } = gl.canvas;
    gl.viewport(0, 0, width, height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vertices);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniform1i(positions.symbols, 0);
    gl.uniform1i(positions.palette, 1);
    gl.uniform2fv(positions.grid, this.grid);
    gl.enable(gl.SCISSOR_TEST);
    if (this.dims === 3) gl.enable(gl.DEPTH_TEST);
    for (const view of views) {
      const box = [view.left, gl.canvas.height / ratio - view.top - view.height, view.width, view.height].map((v) =>
        Math.round(v * ratio),
      );
      gl.viewport(...box);
      gl.scissor(...box);
      const below = Math.floor(view.position);
      this.layer(0, below);
      this.layer(1, Math.min(below + 1, this.states - 1));
      gl.uniform1f(positions.along, view.position - below);
      gl.uniformMatrix4fv(positions.matrix, false, view.matrix);
      for (const standing of this.standings) {
        gl.uniform1ui(positions.pass, standing);
        gl.uniform1f(positions.strength, strengths[standing]);
        gl.uniform1f(positions.size, size * (view.scale ?? 1) * ratio);
        gl.drawElements(gl.POINTS, this.points, gl.UNSIGNED_INT, 0);
      }
    }
  }

  layer(end, layer) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.coordinates);
    gl.vertexAttribPointer(this.ends[end], this.dims, gl.SHORT, true, 0, 2 * layer * this.points * this.dims);
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function linked(gl, ...sources) {
  const program = gl.createProgram();
  sources.forEach((source, i) => {
    const shader = gl.createShader(i ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

function filled(gl, array) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
  return buffer;
}

function texture(gl, unit, filter) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, filter);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
}

/** 0 to n - 1 in a mixed order that is always the same, so that no language lies on top of the others. */
export function mixed(n) {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let seed = 12345;
  for (let i = n - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
