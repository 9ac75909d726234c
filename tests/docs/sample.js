// The samples on the pages of docs/: the code in their fences, and the comment before each, which specifies its
// behaviour.

import { readdirSync, readFileSync } from "node:fs";

/** The languages of samples that can run. */
const LANGUAGES = ["js", "jsx", "ts", "html", "svelte", "vue", "rust"];

/** A program of Node, Deno or Bun, a module that is bundled for a page, a page, or a module of a crate in Node or in a
    page. */
const HOSTS = ["node", "deno", "bun", "bundler", "page", "rust in node", "rust in a page"];

const FENCE = "```";
const START = "<!-- test ";

/** The comment before a file that the samples below it need. */
const FILE = /^<!-- file (\S+) -->$/;

const ROOT = new URL("../../", import.meta.url);

/** Every page of docs/: its path in the repository, and its text. */
export function pages() {
  const names = ["docs", "docs/guide", "docs/guide/recipes"].flatMap((dir) =>
    readdirSync(new URL(dir, ROOT))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `${dir}/${file}`),
  );
  return names.sort().map(page);
}

const page = (name) => ({ name, text: readFileSync(new URL(name, ROOT), "utf8") });

/** Every sample of every page and of the README. Their names are unique. */
export function allSamples() {
  const samples = [...pages(), page("README.md")].flatMap(samplesOf);
  const names = new Set();
  for (const { name, place } of samples) {
    if (names.has(name)) throw new Error(`${place}: there is another sample ${name}`);
    names.add(name);
  }
  return samples;
}

/** Every sample of a page, with the files above it. Throws if a sample has no comment. */
export function samplesOf({ name: page, text }) {
  const lines = text.split("\n");
  const samples = [];
  const files = {};
  let comment;
  let at = 0;
  const upTo = (end) => {
    const found = lines.indexOf(end, at);
    const taken = lines.slice(at, found < 0 ? lines.length : found);
    at += taken.length + 1;
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    at += 1;
    const place = `${page}:${at}`;
    const [, file] = FILE.exec(line) ?? [];
    if (file) {
      comment = { file };
    } else if (line.startsWith(START)) {
      comment = { name: line.slice(START.length), lines: upTo("-->") };
    } else if (line.startsWith(FENCE)) {
      const [language] = line.slice(FENCE.length).split(/\s/);
      const code = `${upTo(FENCE).join("\n")}\n`;
      if (comment?.file) files[comment.file] = code;
      else if (comment) {
        const sample = { name: comment.name, place, language, ...meaning(comment.lines, place), code };
        samples.push({ ...sample, files: { ...files } });
      } else if (LANGUAGES.includes(language)) {
        throw new Error(`${place}: a sample needs a comment "${START}NAME …" or "<!-- file NAME -->" before it`);
      }
      comment = undefined;
    } else if (comment && line) {
      throw new Error(`${place}: a comment "${START}…" without its sample`);
    }
  }
  if (comment) throw new Error(`${page}: a comment "${START}…" without its sample at the end`);
  return samples;
}

/** The settings of a sample. `host` is its host, and `server` the path of the test server that replaces every URL, or
    one of the files, a program of Node that listens and replaces the server of every URL.
    `calls` is the code that runs a sample in Rust, which only defines something. Each of the `steps` is one of
    `{ type, click, open, prints, shows }`. `open` is the number of connections that the page has not ended. */
function meaning(lines, place) {
  const sample = { host: undefined, server: undefined, calls: [], steps: [] };
  for (const line of lines) {
    const [, key, value] = /^(host|server|call|type|click|open): (.*)$/.exec(line) ?? [];
    const settings = { host: () => (sample.host = value), server: () => (sample.server = value) };
    settings.call = () => sample.calls.push(value);
    const last = sample.steps.at(-1);
    if (settings[key] && !last) settings[key]();
    else if (key === "type" || key === "click" || key === "open") sample.steps.push({ [key]: value });
    else if (line === "prints:" || line === "shows:") sample.steps.push({ [line.slice(0, -1)]: [] });
    else if (last?.prints ?? last?.shows) (last.prints ?? last.shows).push(line);
    else throw new Error(`${place}: "${line}" is neither host, server, call, type, click, open, prints nor shows`);
  }
  if (!HOSTS.includes(sample.host))
    throw new Error(`${place}: there is no host ${sample.host}, only ${HOSTS.join(", ")}`);
  if (sample.steps.length === 0) throw new Error(`${place}: it does not say what it prints or shows`);
  if (sample.host.startsWith("rust") !== sample.calls.length > 0) {
    throw new Error(`${place}: a sample in Rust says what to call, and no other does`);
  }
  return sample;
}

/** `true` if the lines are the expected ones. An expected `…` matches any number of lines. */
export function isLike(lines, [wanted, ...rest]) {
  if (wanted === undefined) return lines.length === 0;
  if (wanted === "…") return [...lines, ""].some((_, skipped) => isLike(lines.slice(skipped), rest));
  return lines[0] === wanted && isLike(lines.slice(1), rest);
}
