// Lists all commitments, page by page, by the client that openapi-typescript makes of the OpenAPI document: node client.js ADDRESS
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[]; stdout: { write(text: string): void } };

type Status = components["schemas"]["Status"];
type Asked = NonNullable<paths["/api/v1/commitments/"]["get"]["parameters"]["query"]>;

const api = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: process.argv[2] ?? "" });
const open: Status[] = ["not_assessed", "no_evidence", "not_started", "in_progress", "being_kept", "stalled", "partly_fulfilled"];
const asked: Asked = { status: open, lang: "ar", page_size: 7, as_of: "2024-01-27" };
const found: { ref: string; title: string; status: Status; words: string[] }[] = [];

let cursor: string | null = "";
while (cursor !== null) {
  const query: Asked = cursor ? { ...asked, cursor } : asked;
  const { data, error } = await api.GET("/api/v1/commitments/", { params: { query }, querySerializer: { array: { style: "form", explode: false } } });
  if (error) throw new Error(error.detail);
  for (const { ref, title, status, quotes } of data.results) {
    if (!title || !status || !quotes) throw new Error(`${ref} came without what was asked for`);
    found.push({ ref, title: title["ar"] ?? "", status, words: quotes.map((quote) => quote.exact) });
  }
  cursor = data.next && new URL(data.next).searchParams.get("cursor");
}

const refused = await api.GET("/api/v1/commitments/{ref}/", { params: { path: { ref: "never-published-01" } } });
process.stdout.write(JSON.stringify({ found, refused: refused.error?.status }));
