"use strict";
// A page made of the API alone: it lists and filters commitments, and shows one with its words and what became of it.
// `?api=https://…` names another tracker than the one in index.html.

const WORDS = {
  en: {
    title: "Commitments", language: "Language", q: "Search", party: "Party", topic: "Topic", status: "Status",
    schedule: "Deadline", any: "Any", more: "Show more", found: "Commitments found:", due: "Due", words: "In the words of the documents",
    thread: "What became of it", none: "No translation.", unread: "The tracker can't be reached just now.",
    nowhere: "This address names no commitment.",
  },
  ar: {
    title: "التعهدات", language: "اللغة", q: "بحث", party: "الطرف", topic: "الموضوع", status: "حالة التنفيذ",
    schedule: "الأجل", any: "الكل", more: "المزيد", found: "عدد التعهدات:", due: "الأجل", words: "بألفاظ الوثائق",
    thread: "ما آل إليه التعهد", none: "لا ترجمة.", unread: "لا يمكن الوصول إلى السجل الآن.",
    nowhere: "هذا العنوان لا يدل على تعهد.",
  },
};
const TOLD = { TypeError: "unread", URIError: "nowhere" }; // errors of the browser, by the words for them
const MENUS = ["party", "topic", "status", "schedule"];
const server = new URLSearchParams(location.search).get("api") ?? document.querySelector("meta[name=api]").content;
const part = (id) => document.getElementById(id);
const filters = part("filters");
let language = "en";
const newest = { list: 0, one: 0 }; // the newest question of each side: what comes later for an older one is dropped

/** An element with attributes and children; texts are never read as HTML. */
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A language map's text in the page's language, else in one that it has, marked as what it is. */
function said(map, name = "span") {
  const tag = [language, "en", ...Object.keys(map)].find((each) => each in map);
  return tag ? make(name, { lang: tag, dir: "auto" }, map[tag]) : "";
}

/** The answer to a GET; where it is refused, the reason that the API gives, as an Error. */
async function get(path, parameters = {}) {
  const address = new URL(path, `${server}/api/v1/`);
  for (const [key, value] of Object.entries(parameters)) if (value) address.searchParams.set(key, value);
  const response = await fetch(address);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

/** Does a piece of work for one side of the page, which can ask whether it is `late`; what goes wrong is told on the page. */
async function attempt(side, work) {
  const question = ++newest[side];
  const late = () => question !== newest[side];
  try {
    part("problem").hidden = true;
    await work(late);
  } catch (error) {
    if (late()) return;
    part("problem").textContent = WORDS[language][TOLD[error.name]] ?? error.message;
    part("problem").hidden = false;
  }
}

/** One row of the list. */
function row(commitment) {
  const due = commitment.due?.text ? [` · ${WORDS[language].due}: `, make("bdi", {}, commitment.due.text)] : [];
  return make("li", {},
    make("a", { href: `#${commitment.ref}` }, said(commitment.title)),
    make("p", { class: "state" }, commitment.labels.status, " · ", commitment.labels.schedule, ...due));
}

/** Asks for the commitments of the filters, or for the next page of them. */
function list(next) {
  return attempt("list", async (late) => {
    const chosen = Object.fromEntries(new FormData(filters));
    const [page, facets] = await Promise.all([
      get(next ?? "commitments/", next ? {} : { ...chosen, lang: language, page_size: 10 }),
      next ? null : get("commitments/facets/", chosen),
    ]);
    if (late()) return;
    if (facets) {
      part("list").replaceChildren();
      part("count").textContent = `${WORDS[language].found} ${page.count}`;
      for (const name of MENUS) menu(name, facets.facets[name].results, chosen[name]);
    }
    part("list").append(...page.results.map(row));
    part("more").hidden = !page.next;
    part("more").onclick = () => list(page.next);
  });
}

/** Fills a menu with the values that the commitments have, and how many have each. */
function menu(name, values, chosen) {
  const options = values.map(({ value, label, count }) => {
    const text = label[language] ?? Object.values(label)[0] ?? value;
    return make("option", { value }, `${text} (${count})`);
  });
  const any = make("option", { value: "" }, WORDS[language].any);
  if (chosen && !values.some(({ value }) => value === chosen)) options.push(make("option", { value: chosen }, `${chosen} (0)`));
  filters.elements[name].replaceChildren(any, ...options);
  filters.elements[name].value = chosen ?? "";
}

/** A quote in its own script and direction, its translations beside it, and where it stands. */
function quote({ exact, language: tag, dir, translation, document: source, start, end }) {
  const words = make("blockquote", { lang: tag, dir }, exact);
  const others = Object.entries(translation).map(([each, text]) => make("blockquote", { lang: each, dir: "auto" }, text));
  const from = `${source.publisher ?? source.ref}, ${start}–${end}`;
  return make("figure", {},
    make("div", { class: "beside" }, words, ...(others.length ? others : [make("p", {}, WORDS[language].none)])),
    make("figcaption", {}, make("bdi", {}, from)));
}

/** One step of the thread: when, what happened, in which words. */
function step({ date, label, commitment, deadline, assessment, quotes }) {
  const about = assessment ? said(assessment.rationale, "p") : said(commitment.title, "p");
  const due = deadline?.text ? [make("p", {}, `${WORDS[language].due}: `, make("bdi", {}, deadline.text))] : [];
  return make("li", {},
    make("h4", {}, said(label), " ", date ? make("bdi", { class: "day" }, date.edtf) : ""), about, ...due, ...quotes.map(quote));
}

/** Shows the commitment that the address names, and until it is there no other. */
function show(focus) {
  return attempt("one", async (late) => {
    const { hash } = location;
    if (part("one").dataset.hash !== hash) {
      part("one").hidden = true;
      part("one").replaceChildren();
      delete part("one").dataset.hash;
    }
    for (const link of part("list").querySelectorAll("a")) link.toggleAttribute("aria-current", link.hash === hash);
    const ref = decodeURIComponent(hash.slice(1));
    if (!ref) return;
    const address = `commitments/${encodeURIComponent(ref)}/`;
    const [commitment, thread] = await Promise.all([
      get(address, { lang: language }), get(`${address}thread/`, { lang: language }),
    ]);
    if (late()) return;
    const heading = said(commitment.title, "h2");
    heading.id = "name";
    heading.tabIndex = -1;
    part("one").replaceChildren(
      heading,
      make("p", { class: "state" }, commitment.labels.strength, " · ", commitment.labels.status, " · ", commitment.labels.schedule),
      said(commitment.statement.title, "p"),
      make("h3", {}, WORDS[language].words), ...commitment.quotes.map(quote),
      make("h3", {}, WORDS[language].thread), make("ol", { class: "thread" }, ...thread.results.map(step)));
    part("one").dataset.hash = hash;
    part("one").hidden = false;
    if (focus) heading.focus();
  });
}

/** Turns the page to a language, its direction with it. */
async function speak(tag) {
  language = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = tag === "ar" ? "rtl" : "ltr";
  document.title = WORDS[tag].title;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = WORDS[tag][each.dataset.word];
  await list();
  await show();
}

filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("change", () => list());
part("language").addEventListener("change", (event) => speak(event.target.value));
window.addEventListener("hashchange", () => show(true));
speak(language);
