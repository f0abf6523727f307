// Starts GraphiQL. A file of its own, because the page's policy allows no script inside the page.
(function () {
  "use strict";

  var fetcher = GraphiQL.createFetcher({ url: new URL("/graphql", window.location.href).href });

  var defaultQuery = [
    "# Shoal's GraphQL API",
    "# Ctrl-Space: complete",
    "# Ctrl-Enter: run",
    "{",
    "  accounts(first: 5) {",
    "    nodes {",
    "      id",
    "      name",
    "    }",
    "  }",
    "}",
    "",
  ].join("\n");

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: fetcher,
      defaultQuery: defaultQuery,
      defaultEditorToolsVisibility: true,
      // Headers may hold tokens: they stay out of the browser's storage.
      shouldPersistHeaders: false,
    })
  );
})();
