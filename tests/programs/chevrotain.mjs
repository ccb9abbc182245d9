// chevrotain: a lexer and parser with error recovery for JSON.
import { readFileSync } from "node:fs";
import { CstParser, Lexer, createToken } from "chevrotain";

const token = (name, pattern, more) => createToken({ name, pattern, ...more });
const LCurly = token("LCurly", /{/), RCurly = token("RCurly", /}/);
const LSquare = token("LSquare", /\[/), RSquare = token("RSquare", /]/);
const Comma = token("Comma", /,/), Colon = token("Colon", /:/);
const Text = token("Text", /"(?:[^\\"]|\\(?:[bfnrtv"\\/]|u[0-9a-fA-F]{4}))*"/);
const Numeral = token("Numeral", /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/);
const Word = token("Word", /true|false|null/);
const Space = token("Space", /\s+/, { group: Lexer.SKIPPED });
const all = [Space, LCurly, RCurly, LSquare, RSquare, Comma, Colon, Text,
             Numeral, Word];
const lexer = new Lexer(all);

class JsonParser extends CstParser {
  constructor() {
    super(all, { recoveryEnabled: true });
    const $ = this;
    $.RULE("value", () => $.OR([
      { ALT: () => $.SUBRULE($.object) },
      { ALT: () => $.SUBRULE($.array) },
      { ALT: () => $.CONSUME(Text) },
      { ALT: () => $.CONSUME(Numeral) },
      { ALT: () => $.CONSUME(Word) },
    ]));
    $.RULE("object", () => {
      $.CONSUME(LCurly);
      $.MANY_SEP({ SEP: Comma, DEF: () => $.SUBRULE($.member) });
      $.CONSUME(RCurly);
    });
    $.RULE("member", () => {
      $.CONSUME(Text);
      $.CONSUME(Colon);
      $.SUBRULE($.value);
    });
    $.RULE("array", () => {
      $.CONSUME(LSquare);
      $.MANY_SEP({ SEP: Comma, DEF: () => $.SUBRULE($.value) });
      $.CONSUME(RSquare);
    });
    this.performSelfAnalysis();
  }
}

const parser = new JsonParser();
function parse(text) {
  const { tokens, errors } = lexer.tokenize(text);
  parser.input = tokens;
  const tree = parser.value();
  return { tokens: tokens.length, lexical: errors, errors: parser.errors, tree };
}

const real = parse(readFileSync("node_modules/mathjs/package.json", "utf8"));
console.log(real.tokens, real.errors.length, JSON.stringify(real.tree).length);
for (const text of ['{"a" 1, "b": [1,,2]}', '[1, 2', '{"a": ^true}']) {
  const { lexical, errors, tree } = parse(text);
  for (const error of lexical) console.log(error.message);
  for (const error of errors) console.log(error.name, error.message);
  console.log(JSON.stringify(tree)?.slice(0, 300));
}
console.log(JSON.stringify(parser.getSerializedGastProductions(), null, 1));
