// Runs every audit of graphql-http against a server and fails when one does not pass:
//   npm ci && node audit.mjs http://127.0.0.1:8080/graphql TOKEN
import { serverAudits } from "graphql-http";

// Audits that may fail, by id, each with the reason. An exception that is not needed any more is an error as well.
const exceptions = {};

const url = process.argv[2] ?? process.env.SHOAL_AUDIT_URL;
if (!url) {
  console.error("usage: node audit.mjs URL");
  process.exit(2);
}

let failures = 0;
// The audits know nothing of signing in.
const token = process.argv[3];
const signedIn = (input, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
};
const audits = serverAudits({ url, fetchFn: signedIn });
for (const audit of audits) {
  const result = await audit.fn();
  const exception = exceptions[audit.id];
  if (result.status === "ok") {
    if (exception) {
      failures += 1;
      console.error(`unneeded exception  ${audit.id}  ${audit.name}`);
    }
    await result.response?.body?.cancel?.().catch(() => {});
    continue;
  }
  if (exception) {
    console.log(`exception  ${audit.id}  ${audit.name}\n    ${exception}`);
    continue;
  }
  failures += 1;
  const body = await result.response?.text?.().catch(() => "");
  console.error(`${result.status}  ${audit.id}  ${audit.name}\n    ${result.reason} (${result.response?.status}) ${body}`);
}

console.log(`${audits.length} audits, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
