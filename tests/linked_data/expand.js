// Expands linked data as every reader of JSON-LD does; a context from elsewhere is taken from those that are given.
import { readFileSync } from "node:fs";
import jsonld from "jsonld";

const { contexts, documents } = JSON.parse(readFileSync(0, "utf8"));
const documentLoader = (address) => {
  if (!(address in contexts)) throw new Error(`unknown context: ${address}`);
  return { contextUrl: null, documentUrl: address, document: contexts[address] };
};
const expanded = documents.map((each) => jsonld.expand(each, { documentLoader }));
console.log(JSON.stringify(await Promise.all(expanded)));
