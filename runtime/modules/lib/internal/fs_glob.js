// SPDX-License-Identifier: MIT
// Patterns of paths: * ? [a-z] [!a-z] {a,b} {1..9} ** and \ before a character
// that means itself. Braces are expanded first; then a path is matched segment
// by segment, by all patterns at once, so that no directory is read twice and
// no pattern takes more than (its length) times (the name's length) steps.
import { lstat, readDirectory, stat } from "rill:internal/files";
import { invalidArgument } from "rill:internal/errors";
import { dictionary } from "rill:internal/web/idl";

const mostAlternatives = 10000;

// Braces ----------------------------------------------------------------------

// The first group of the pattern: [start, end, commas]; undefined: none.
function findGroup(pattern) {
  let first;
  const open = []; // groups without an end yet, innermost last
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "\\") {
      i++;
    } else if (c === "{") {
      open.push([i, -1, []]);
    } else if (open.length === 0) {
      // no group's
    } else if (c === ",") {
      open.at(-1)[2].push(i);
    } else if (c === "}") {
      const group = open.pop();
      const [start, , commas] = group;
      if ((first === undefined || start < first[0]) &&
          (commas.length > 0 || range(pattern.slice(start + 1, i)) !== undefined)) {
        group[1] = i;
        first = group;
        if (open.length === 0) break;
      }
    }
  }
  return first;
}

// "1..10", "a..e"
function range(text) {
  const numbers = /^(-?\d{1,9})\.\.(-?\d{1,9})$/.exec(text);
  const letters = numbers ? null : /^([a-zA-Z])\.\.([a-zA-Z])$/.exec(text);
  const found = numbers ?? letters;
  if (found === null) return undefined;
  const [from, to] = numbers ? [Number(found[1]), Number(found[2])]
      : [found[1].charCodeAt(), found[2].charCodeAt()];
  const step = from <= to ? 1 : -1;
  return { from, to, step, show: numbers ? String : String.fromCharCode };
}

function expandBraces(pattern) {
  const done = [];
  const open = [pattern];
  while (open.length > 0) {
    const text = open[open.length - 1];
    open.length--;
    const group = findGroup(text);
    if (group === undefined) {
      done.push(text);
    } else {
      const [start, end, commas] = group;
      const before = text.slice(0, start);
      const after = text.slice(end + 1);
      if (commas.length > 0) {
        const ends = [...commas, end];
        let from = start + 1;
        for (const to of ends) {
          open.push(before + text.slice(from, to) + after);
          from = to + 1;
        }
      } else {
        const { from, to, step, show } = range(text.slice(start + 1, end));
        for (let i = from; i !== to + step; i += step) {
          open.push(before + show(i) + after);
          if (open.length > mostAlternatives) break;
        }
      }
    }
    if (open.length + done.length > mostAlternatives) {
      throw new RangeError(
        `The pattern has more than ${mostAlternatives} alternatives`);
    }
  }
  return done;
}

// Segments --------------------------------------------------------------------

const star = Symbol("*");
const any = Symbol("?");
const globstar = Symbol("**");

// [a-z] from `at`: [its set, where it ends]; undefined: no set, "[" is itself.
function parseSet(units, at, fold) {
  let i = at + 1;
  const negated = units[i] === "!" || units[i] === "^";
  if (negated) i++;
  const ranges = [];
  for (let first = true; i < units.length; first = false) {
    if (units[i] === "]" && !first) {
      return [{ negated, ranges }, i];
    }
    const take = () => {
      if (units[i] === "\\" && i + 1 < units.length) i++;
      return fold(units[i++]).codePointAt(0);
    };
    const low = take();
    let high = low;
    if (units[i] === "-" && i + 1 < units.length && units[i + 1] !== "]") {
      i++;
      high = take();
    }
    ranges.push([low, high]);
  }
  return undefined;
}

// A name's pattern: a string if it means itself, globstar, or its parts.
function parseSegment(text, fold) {
  if (text === "**") return globstar;
  const units = [...text];
  const parts = [];
  let plain = true;
  for (let i = 0; i < units.length; i++) {
    const unit = units[i];
    if (unit === "\\" && i + 1 < units.length) {
      parts.push(fold(units[++i]));
    } else if (unit === "*") {
      plain = false;
      if (parts.at(-1) !== star) parts.push(star);
    } else if (unit === "?") {
      plain = false;
      parts.push(any);
    } else {
      const set = unit === "[" ? parseSet(units, i, fold) : undefined;
      if (set === undefined) {
        parts.push(fold(unit));
      } else {
        plain = false;
        parts.push(set[0]);
        i = set[1];
      }
    }
  }
  return plain ? parts.join("") : parts;
}

function fits(part, unit) {
  if (part === any) return true;
  if (typeof part === "string") return part === unit;
  const code = unit.codePointAt(0);
  const inside = part.ranges.some(([low, high]) => code >= low && code <= high);
  return inside !== part.negated;
}

// What a star took is taken back one at a time, and only of the last one.
function matchParts(parts, name) {
  const units = [...name];
  let p = 0, n = 0, lastStar = -1, taken = 0;
  while (n < units.length) {
    if (p < parts.length && parts[p] === star) {
      lastStar = p++;
      taken = n;
    } else if (p < parts.length && fits(parts[p], units[n])) {
      p++;
      n++;
    } else if (lastStar >= 0) {
      p = lastStar + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (parts[p] === star) p++;
  return p === parts.length;
}

class Rules {
  constructor(options) {
    const { dotfiles = false, caseSensitive = true } = options;
    this.dotfiles = dotfiles;
    this.fold = caseSensitive ? (text) => text : (text) => text.toLowerCase();
    this.caseSensitive = caseSensitive;
  }
  // Names that begin with a dot are matched by patterns that do.
  isHidden(segment, name) {
    return name.startsWith(".") && !this.dotfiles &&
        (segment === globstar || segment[0] !== ".");
  }
  matches(segment, name) {
    if (typeof segment === "string") return segment === this.fold(name);
    return !this.isHidden(segment, name) &&
        matchParts(segment, this.fold(name));
  }
  // {segments, absolute, folder: only directories match}
  parse(pattern) {
    const names = pattern.split("/").filter((name) => name !== "" &&
                                                      name !== ".");
    const segments = [];
    for (const name of names) {
      const segment = parseSegment(name, this.fold);
      if (segment !== globstar || segments.at(-1) !== globstar) {
        segments.push(segment);
      }
    }
    return {
      segments,
      absolute: pattern.startsWith("/"),
      folder: pattern.endsWith("/"),
    };
  }
  parseAll(patterns) {
    return patterns.flatMap(expandBraces).map((text) => this.parse(text));
  }
}

// Where in the pattern a path may stand after each of its names.
function matchPath(rules, segments, names) {
  let places = new Set([0]);
  const last = segments.length;
  for (const name of names) {
    const next = new Set();
    for (const place of withoutStars(places, segments)) {
      const segment = segments[place];
      if (segment === globstar) {
        if (!rules.isHidden(globstar, name)) next.add(place);
      } else if (place < last && rules.matches(segment, name)) {
        next.add(place + 1);
      }
    }
    places = next;
  }
  return withoutStars(places, segments).has(last);
}

// ** matches no name, too.
function withoutStars(places, segments) {
  for (const place of places) {
    if (segments[place] === globstar) places.add(place + 1);
  }
  return places;
}

export function matchGlob(pattern, path, options = undefined) {
  const rules = new Rules(dictionary(options));
  const names = `${path}`.split("/").filter((n) => n !== "" && n !== ".");
  return rules.parseAll([`${pattern}`]).some(
    ({ segments, absolute }) =>
      absolute === `${path}`.startsWith("/") &&
      matchPath(rules, segments, names));
}

// Searching -------------------------------------------------------------------

function patternList(patterns) {
  const list = typeof patterns?.[Symbol.iterator] !== "function" ||
      typeof patterns === "string" ? [patterns] : [...patterns];
  for (const pattern of list) {
    if (typeof pattern !== "string") {
      throw invalidArgument("patterns", "of type string or an array of strings",
                            pattern);
    }
  }
  return list;
}

// Options: cwd, exclude (patterns; so are those that begin with "!"), dotfiles,
// caseSensitive, followLinks (by **), kind ("file", ...), signal, timeout (of
// each step).
export async function* glob(patterns, options = undefined) {
  options = dictionary(options);
  const { cwd = ".", exclude = [], followLinks = false, kind, signal,
          timeout } = options;
  const rules = new Rules(options);
  const list = patternList(patterns);
  const wanted = rules.parseAll(list.filter((p) => !p.startsWith("!")));
  const unwanted = rules.parseAll([
    ...list.filter((p) => p.startsWith("!")).map((p) => p.slice(1)),
    ...patternList(exclude),
  ]);
  const limits = { signal, timeout };
  const absent = (error) => {
    if (signal?.aborted) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR" ||
        error.code === "EACCES" || error.code === "ELOOP") {
      return undefined;
    }
    throw error;
  };
  const status = (path) => stat(path, limits).catch(absent);
  const isUnwanted = (names, absolute) => unwanted.some((pattern) =>
    pattern.absolute === absolute &&
    matchPath(rules, pattern.segments, names));

  // The entries of a folder that some of the places may match.
  async function candidates(folder, places) {
    const names = new Set();
    for (const [pattern, place] of places) {
      const segment = pattern.segments[place];
      if (typeof segment !== "string" || !rules.caseSensitive) {
        return await readDirectory(folder, { ...limits, types: true })
          .catch(absent) ?? [];
      }
      names.add(segment);
    }
    const found = [];
    for (const name of names) {
      const { kind } = await lstat(`${folder}/${name}`, limits)
        .catch(absent) ?? {};
      if (kind !== undefined) found.push({ name, kind });
    }
    return found;
  }

  const roots = [];
  for (const absolute of [false, true]) {
    const places = wanted
      .filter((p) => p.absolute === absolute && p.segments.length > 0)
      .map((p) => [p, 0]);
    if (places.length > 0) roots.push({ absolute, places });
  }

  for (const { absolute, places } of roots) {
    // Folders to look into: their names, their places in patterns, and who is
    // above them.
    const open = [{ names: [], places, above: [] }];
    while (open.length > 0) {
      const { names, places, above } = open[open.length - 1];
      open.length--;
      const shown = (absolute ? "/" : "") + names.join("/");
      const folder = absolute ? shown : names.length > 0 ? `${cwd}/${shown}`
                                                         : cwd;
      const all = [];
      const seen = new Map();
      const add = (list, pattern, place) => {
        let known = seen.get(pattern);
        if (known === undefined) seen.set(pattern, known = new Set());
        if (known.has(place)) return;
        known.add(place);
        list.push([pattern, place]);
        if (pattern.segments[place] === globstar &&
            place + 1 < pattern.segments.length) {
          add(list, pattern, place + 1);
        }
      };
      for (const [pattern, place] of places) add(all, pattern, place);
      const below = [];
      for (const entry of await candidates(folder, all)) {
        const { name } = entry;
        let isMatch = false, mustBeFolder = true;
        const further = [], byStars = [];
        for (const [pattern, place] of all) {
          const segment = pattern.segments[place];
          const isLast = place === pattern.segments.length - 1;
          if (segment === globstar) {
            if (rules.isHidden(globstar, name)) continue;
            byStars.push([pattern, place]);
          } else if (!rules.matches(segment, name)) {
            continue;
          } else if (!isLast) {
            further.push([pattern, place + 1]);
          }
          if (isLast) {
            isMatch = true;
            mustBeFolder &&= pattern.folder;
          }
        }
        if (!isMatch && further.length === 0 && byStars.length === 0) continue;
        const path = [...names, name];
        if (isUnwanted(path, absolute)) continue;
        let isFolder = entry.kind === "directory";
        const isLink = entry.kind === "link";
        if (isLink && (further.length > 0 || followLinks || mustBeFolder)) {
          isFolder = (await status(`${folder}/${name}`))?.isDirectory ?? false;
        }
        if (isMatch && (isFolder || !mustBeFolder) &&
            (kind === undefined || kind === entry.kind)) {
          yield (absolute ? "/" : "") + path.join("/");
        }
        const next = isLink && !followLinks ? further
                                            : [...further, ...byStars];
        if (!isFolder || next.length === 0) continue;
        if (followLinks) {
          const { dev, ino } = await status(`${folder}/${name}`) ?? {};
          const self = `${dev}:${ino}`;
          if (above.includes(self)) continue; // a link that leads back
          below.push({ names: path, places: next, above: [...above, self] });
        } else {
          below.push({ names: path, places: next, above });
        }
      }
      open.push(...below.reverse());
    }
  }
}
