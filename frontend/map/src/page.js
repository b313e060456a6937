// The map and the family trees in a file that is taken home, which holds their data.

import { PointMap } from "./map.js";
import { fromBase64 } from "./payload.js";
import { FamilyTree } from "./tree.js";

const text = (id) => document.getElementById(id)?.textContent;

new PointMap(document.getElementById("map"), fromBase64(text("map-data")), { keepsAddress: false });
const trees = text("trees-data");
if (trees) new FamilyTree(document.getElementById("trees"), JSON.parse(trees));
