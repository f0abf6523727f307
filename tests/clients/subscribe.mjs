// Subscribes with graphql-ws and graphql-sse, changes something, and fails when it is not told:
//   npm ci && SHOAL_TOKEN=… node subscribe.mjs 127.0.0.1:8080
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const address = process.argv[2];
const Authorization = `Bearer ${process.env.SHOAL_TOKEN}`;
const url = `http://${address}/graphql`;
const query = "subscription { contactChanged { kind contact { displayName } } }";

const socket = overSocket({
  url: `ws://${address}/graphql`,
  connectionParams: { Authorization },
  retryAttempts: 0,
  // Else the client leaves after each operation, and may meet its own farewell.
  lazy: false,
  onNonLazyError: () => {},
  webSocketImpl: WebSocket,
});
const events = overEvents({ url, headers: { Authorization }, retryAttempts: 0 });

// Whatever the client says of an operation, as a list that can be waited for.
function heard(client, payload) {
  const names = [];
  const log = { names, done: undefined, stop: undefined };
  log.done = new Promise((resolve, reject) => {
    log.stop = client.subscribe(payload, {
      next: ({ data, errors }) => names.push(errors?.[0].extensions.code ?? data),
      error: (error) => reject(error),
      complete: () => resolve(names),
    });
  });
  log.done.catch(() => {});
  return log;
}

async function create(givenName) {
  const body = JSON.stringify({
    query: "mutation($input: ContactCreate!) { contactCreate(input: $input) { id } }",
    variables: { input: { givenName } },
  });
  const answer = await fetch(url, { method: "POST", headers: { Authorization, "content-type": "application/json" }, body });
  const { errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function expect(what, found, expected) {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  }
  console.log(`${what}: ok`);
}

setTimeout(() => {
  console.error("took too long");
  process.exit(1);
}, 30_000).unref();

const told = (displayName) => ({ contactChanged: { kind: "CREATED", contact: { displayName } } });
for (const [name, client] of [["graphql-ws", socket], ["graphql-sse", events]]) {
  const changes = heard(client, { query });
  await pause(500);
  await create("Ada");
  await create("Bea");
  while (changes.names.length < 2) await pause(20);
  expect(`${name}: a subscription`, changes.names, [told("Ada"), told("Bea")]);
  changes.stop();
  await create("Cleo");
  await pause(500);
  expect(`${name}: no more`, changes.names.length, 2);
  const answer = await heard(client, { query: "{ contacts(filter: {displayName: {eq: \"Ada\"}}) { totalCount } }" }).done;
  expect(`${name}: a query`, answer.length, 1);
  const wrong = heard(client, { query: "subscription { nothing }" });
  const refused = await wrong.done.then((names) => names[0], (errors) => errors[0]?.extensions.code ?? errors);
  expect(`${name}: a mistake`, refused, "GRAPHQL_VALIDATION");
}
await socket.dispose();
events.dispose();
console.log("all told");
process.exit(0);
