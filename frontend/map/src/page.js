// The map and the family trees in a file that is taken home, which holds their data.

import { PointMap } from "./map.js";
import { fromBase64 } from "./payload.js";
import { FamilyTree } from "./tree.js";

const { map, trees } = JSON.parse(document.getElementById("data").textContent);
new PointMap(document.getElementById("map"), fromBase64(map), { keepsAddress: false });
if (trees) new FamilyTree(document.getElementById("trees"), trees);
