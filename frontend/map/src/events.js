// What the parts of a page tell each other.

export const LAYER_EVENT = "dlfa-layer"; // to the document: a map has set out for the layer in `detail`

/** The layer that a map on this page last set out for, or null. */
export const layerSaid = () => {
  const said = document.documentElement.dataset.dlfaLayer;
  return said === undefined ? null : Number(said);
};

export function sayLayer(layer) {
  document.documentElement.dataset.dlfaLayer = layer;
  document.dispatchEvent(new CustomEvent(LAYER_EVENT, { detail: { layer } }));
}
