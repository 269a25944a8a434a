import { type Redirect, type Token, tokensOf, type Word } from './shell-tokens.ts';

/** One program with its arguments. */
export type SimpleCommand = { readonly words: readonly string[]; readonly redirects: readonly Redirect[] };

/** What stands between separators; `sure` where it is run whenever the script is. */
export type Statement = {
  readonly pipeline: readonly SimpleCommand[];
  readonly line: number;
  readonly sure: boolean;
};

type FrameKind = 'script' | 'subshell' | 'group' | 'case' | 'compound';

/** `ended`: whether what ends it has come. `outer`: whether the list around it hangs on something. */
type Frame = {
  readonly kind: FrameKind;
  /** Whether it is the body of one, which nobody may call. */
  readonly isFunction: boolean;
  readonly isSure: boolean;
  readonly outer: boolean;
  ended: 'no' | 'maybe' | 'yes';
};

const OPENS: Readonly<Record<string, FrameKind>> = {
  if: 'compound',
  while: 'compound',
  until: 'compound',
  for: 'compound',
  select: 'compound',
  case: 'case',
  '{': 'group',
};
/** Of these the words behind are none of a command. */
const WITH_WORDS = /^(?:for|select|case)$/;
const CLOSES = /^(?:fi|done|esac|\})$/;
/** Words that stand before a command. */
const BEFORE = /^(?:then|do|else|elif|!|time)$/;
const CONTINUES = /^(?:&&|\|\||\||\|&)$/;
/** Nobody wrote what is nested more deeply. */
const MOST_FRAMES = 100;

/** `exec` with nothing but redirections goes on with the script. */
function ends([first, ...rest]: readonly string[]): boolean {
  return first === 'exec' ? rest.length > 0 : first === 'exit' || first === 'return';
}

class Parser {
  readonly statements: Statement[] = [];
  readonly #frames: Frame[] = [
    { kind: 'script', isFunction: false, isSure: true, outer: false, ended: 'no' },
  ];
  #words: Word[] = [];
  #redirects: Redirect[] = [];
  #pipeline: SimpleCommand[] = [];
  #line = 1;
  /** Whether the statement is behind `&&` or `||`. */
  #hangs = false;
  #isDefining = false;
  #isInBrackets = false;
  /** Behind an operator that goes on with the next line. */
  #isContinued = false;

  get isOver(): boolean {
    return this.#frames[0]?.ended === 'yes' || this.#frames.length > MOST_FRAMES;
  }

  take(token: Token): void {
    if (this.#isContinued && token.kind === 'operator' && token.text === '\n') return;
    this.#isContinued = token.kind === 'operator' && CONTINUES.test(token.text);
    if (token.kind === 'redirect') this.#redirects.push(token);
    else if (token.kind === 'word') this.#word(token);
    else this.#operator(token.text);
  }

  #open(kind: FrameKind): void {
    const isRun = (kind === 'group' || kind === 'subshell') && !this.#isDefining && !this.#hangs;
    this.#frames.push({
      kind,
      isFunction: this.#isDefining,
      isSure: isRun && this.#frames.at(-1)?.isSure === true,
      outer: this.#hangs,
      ended: 'no',
    });
    this.#hangs = false;
    this.#isDefining = false;
  }

  #close(): void {
    this.end();
    if (this.#frames.length > 1) this.#hangs = this.#frames.pop()?.outer === true;
  }

  #word(word: Word): void {
    const isFirst = this.#words.length === 0;
    if (isFirst && this.#pipeline.length === 0) this.#line = word.line;
    if (isFirst && !word.isQuoted && this.#isReserved(word.text)) return;
    if (word.text === '{' && this.#words[0]?.text === 'function') {
      this.#define();
      this.#open('group');
    } else this.#words.push(word);
  }

  /** Whether the word is one of the language, and none of a command. */
  #isReserved(text: string): boolean {
    if (BEFORE.test(text)) return true;
    if (CLOSES.test(text)) {
      this.#close();
      return true;
    }
    const kind = Object.hasOwn(OPENS, text) ? OPENS[text] : undefined;
    if (kind === undefined) return false;
    this.#open(kind);
    return !WITH_WORDS.test(text);
  }

  #operator(text: string): void {
    switch (text) {
      case '(':
        this.#bracket();
        return;
      case ')':
        if (this.#isInBrackets) this.#isInBrackets = false;
        else if (this.#frames.at(-1)?.kind === 'subshell') this.#close();
        else this.#drop();
        return;
      case '|':
      case '|&':
        this.#piped();
        return;
      default:
        this.end();
        this.#hangs = this.#isContinued;
    }
  }

  #bracket(): void {
    if (this.#words.length === 1 || this.#words[0]?.text === 'function') {
      this.#define();
      this.#isInBrackets = true;
    } else this.#open('subshell');
  }

  /** What is opened next is the body of a function. */
  #define(): void {
    this.#words = [];
    this.#isDefining = true;
  }

  #drop(): void {
    this.#words = [];
    this.#redirects = [];
    this.#pipeline = [];
  }

  #piped(): void {
    if (this.#words.length > 0 || this.#redirects.length > 0) {
      this.#pipeline.push({ words: this.#words.map(({ text }) => text), redirects: this.#redirects });
    }
    this.#words = [];
    this.#redirects = [];
  }

  /** The statement is whole. */
  end(): void {
    this.#piped();
    const pipeline = this.#pipeline;
    this.#drop();
    const top = this.#frames.at(-1);
    if (pipeline.length === 0 || this.#frames.some(({ ended }) => ended === 'yes')) return;
    const sure = top?.isSure === true && !this.#hangs && this.#frames.every(({ ended }) => ended === 'no');
    this.statements.push({ pipeline, line: this.#line, sure });
    const words = pipeline[0]?.words ?? [];
    if (pipeline.length === 1 && ends(words)) this.#ended(words[0] === 'return', sure);
  }

  #ended(isReturn: boolean, sure: boolean): void {
    const frame = this.#frames.findLast(
      ({ kind, isFunction }) => kind === 'script' || kind === 'subshell' || (isReturn && isFunction),
    );
    if (frame !== undefined) frame.ended = sure ? 'yes' : 'maybe';
  }
}

/**
 * The commands of a script up to where it ends. What hangs on a condition, stands in a loop or a function, or behind an
 * end that does, may be run.
 */
export function statementsOf(text: string): readonly Statement[] {
  const parser = new Parser();
  for (const token of tokensOf(text)) {
    parser.take(token);
    if (parser.isOver) break;
  }
  parser.end();
  return parser.statements;
}
