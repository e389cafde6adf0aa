// What `anchor migrate` runs in a workspace with tsconfig.json: the same as without.
module.exports = require("./deploy.js");
