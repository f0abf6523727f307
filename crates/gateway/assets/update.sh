#!/bin/sh
# Fetches the files of GraphiQL again, by npm, in the versions below, and writes graphiql/VERSIONS and
# graphiql/LICENSES.txt. Run it after changing a version, start.js or start.css, and commit what it writes.
# The same versions give the same bytes. Needs npm, node and gzip.
set -eu

GRAPHIQL=3.9.0
GRAPHQL=16.15.0
REACT=18.3.1

here=$(cd "$(dirname "$0")" && pwd)
out="$here/graphiql"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund --save-exact \
    "graphiql@$GRAPHIQL" "graphql@$GRAPHQL" "react@$REACT" "react-dom@$REACT"

# -n leaves name and time out of the file.
pack() {
    gzip -9 -n -c "$1" > "$out/$(basename "$1").gz"
}

# No source maps are shipped, so the browser should not ask for them.
for file in node_modules/graphiql/graphiql.min.js node_modules/graphiql/graphiql.min.css; do
    sed -i '/^\/\/# sourceMappingURL=/d; /^\/\*# sourceMappingURL=/d' "$file"
    pack "$file"
done
pack node_modules/react/umd/react.production.min.js
pack node_modules/react-dom/umd/react-dom.production.min.js
pack "$out/start.js"
pack "$out/start.css"

cp node_modules/graphiql/LICENSE "$out/LICENSE.graphiql"
cp node_modules/react/LICENSE "$out/LICENSE.react"
cp node_modules/react-dom/LICENSE "$out/LICENSE.react-dom"

printf 'graphiql %s\ngraphql %s\nreact %s\nreact-dom %s\n' "$GRAPHIQL" "$GRAPHQL" "$REACT" "$REACT" > "$out/VERSIONS"

# graphiql.min.js is one bundle of many packages: say which, and under which licence.
node - > "$out/LICENSES.txt" <<'JS'
const fs = require("node:fs");
const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
console.log("Packages that are bundled in graphiql.min.js, or needed to build it, and their licences.\n");
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path || path.includes("/@types/") || path.includes("node_modules/@types/")) continue;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  console.log(`${name} ${entry.version}: ${entry.license ?? "see its package"}`);
}
JS
