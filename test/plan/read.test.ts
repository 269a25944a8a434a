import { describe, expect, test } from '@jest/globals';
import { isUserError, positionText } from '../../src/core/errors.ts';
import { EXIT } from '../../src/core/exit-status.ts';
import { parsePlan } from '../../src/plan/read.ts';
import { hostOf } from '../rules/host.ts';
import { planFor, profile, untouched } from './planned.ts';

const SOMAXCONN = 'net.core.somaxconn';
const PLAN = planFor(
  untouched(hostOf({ sysctls: { [SOMAXCONN]: 128 }, files: {} })),
  profile('web', [SOMAXCONN, 'at-least', 8192]),
);
const TEXT = JSON.stringify(PLAN, null, 2);

function complaint(text: string): string {
  try {
    parsePlan(text, 'p.json');
  } catch (thrown) {
    if (!isUserError(thrown)) throw thrown;
    expect(thrown.status).toBe(EXIT.badInput);
    const place = thrown.at === undefined ? '' : `${positionText(thrown.at)}: `;
    return `${place}${thrown.message}${thrown.hint === undefined ? '' : `; ${thrown.hint}`}`;
  }
  return 'none';
}

/** The plan's text with one line of it replaced, and the number of that line. */
function withLine(line: RegExp, replacement: string): { readonly text: string; readonly at: number } {
  const lines = TEXT.split('\n');
  const at = lines.findIndex((each) => line.test(each));
  return { text: lines.with(at, replacement).join('\n'), at: at + 1 };
}

describe('a saved plan', () => {
  test('is the plan again', () => {
    expect(parsePlan(TEXT, 'p.json')).toEqual(PLAN);
    expect(parsePlan(`\ufeff${TEXT}`, 'p.json')).toEqual(PLAN);
  });

  test.each([
    ['', 'p.json: it is empty; `backlogctl plan --out FILE` makes a plan'],
    ['\0\0', 'p.json: not JSON but binary data; `backlogctl plan --out FILE` makes a plan'],
    ['[]', 'p.json: not a plan: it holds no JSON object; `backlogctl plan --out FILE` makes a plan'],
    [
      '{"kind":"snapshot"}',
      "p.json: not a plan but a document of kind 'snapshot'; `backlogctl plan --out FILE` makes a plan",
    ],
    [
      '{"kind":"plan","schemaVersion":9}',
      'p.json: its schema version 9 is later than 0, the last that this version reads; read it with the version that wrote it, or a later one',
    ],
    [TEXT.slice(0, 40), 'p.json:3:21: the JSON is cut off here'],
  ])('%j is none', (text, expected) => {
    expect(complaint(text)).toBe(expected);
  });

  test('with a field that nobody knows is refused, not half obeyed', () => {
    const { text, at } = withLine(/"profiles"/, '  "profile": [],\n  "profiles": [],');
    expect(complaint(text)).toMatch(/^p\.json:\d+:\d+: unknown field 'profile'; did you mean 'profiles'\?$/);
    expect(at).toBeGreaterThan(1);
  });

  test('names the line of a value that does not fit', () => {
    const { text, at } = withLine(/"from": "128"/, '      "from": 128,');
    expect(complaint(text)).toBe(`p.json:${at}:15: steps[0].from: expected string, received number`);
  });

  test.each([
    [
      'somaxconn_',
      "p.json:PLACE: unknown sysctl key 'net.core.somaxconn_'; did you mean 'net.core.somaxconn'?",
    ],
    ['xfrm_larval_drop', "p.json:PLACE: unknown sysctl key 'net.core.xfrm_larval_drop'"],
  ])('sets no key that the catalogue does not know: %s', (name, expected) => {
    const { text } = withLine(/"key": "net\.core\.somaxconn"$/, `        "key": "net.core.${name}"`);
    expect(complaint(text).replace(/:\d+:\d+:/, ':PLACE:')).toBe(expected);
    const vouched = text.replace('"kind": "live"', '"kind": "live", "unchecked": true');
    expect(complaint(vouched)).toBe('none');
  });

  test.each([
    ['vm.drop_caches', 'a write drops the file cache and sets nothing'],
    ['net.ipv4.tcp_fastopen_key', 'it is a secret, and sysctl files can be read by everybody'],
  ])('writes %s for nobody', (key, why) => {
    const { text } = withLine(/"key": "net\.core\.somaxconn"$/, `        "key": "${key}"`);
    const vouched = text.replace('"kind": "live"', '"kind": "live", "unchecked": true');
    expect(complaint(vouched)).toContain(`${key} is never written: ${why}`);
  });

  test.each([
    ['-5', 'net.core.somaxconn must be 0 to 2147483647 connections, not -5'],
    ['4096 8192', "net.core.somaxconn must be one number, not '4096 8192'"],
    ['010', 'net.core.somaxconn must be a decimal number, not 010: the kernel would read that as 8'],
    ['99999999999', 'net.core.somaxconn must be 0 to 2147483647 connections, not 99999999999'],
  ])('sets no value that the catalogue refuses: %s', (to, expected) => {
    const { text, at } = withLine(/"to": "8192"/, `      "to": ${JSON.stringify(to)},`);
    expect(complaint(text)).toBe(`p.json:${at}:13: ${expected}`);
  });

  test('puts back what stood there before us, whatever it was', () => {
    const withdrawal = structuredClone(PLAN);
    const [step] = withdrawal.steps;
    if (step?.kind !== 'live') throw new Error('no live step');
    step.to = '-5';
    step.because = [{ by: 'withdrawn', name: 'an earlier plan', text: 'nothing asks for it any more' }];
    expect(complaint(JSON.stringify(withdrawal))).toBe('none');
  });

  test.each([
    '../../etc/passwd',
    'net..core',
    'net.core.somaxconn\nnet.core.rmem_max',
    '/proc/sys/net/core/somaxconn',
    'net/core/somaxconn',
    'net.core.*',
  ])('writes no key %j', (key) => {
    const { text } = withLine(/"key": "net\.core\.somaxconn"$/, `        "key": ${JSON.stringify(key)}`);
    expect(complaint(text)).toContain('is no sysctl key');
  });
});
