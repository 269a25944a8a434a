import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonChunks, jsonText } from '../../src/core/json.ts';
import { escapeControls } from '../../src/core/text.ts';

test.each([
  ['\u001b[2J', '"\\u001b[2J"'],
  ['\u009b2J', '"\\u009b2J"'],
  ['\u007f', '"\\u007f"'],
  ['a\u202eb', '"a\\u202eb"'],
  ['\u2028', '"\\u2028"'],
  ['\u2000 \u00a0', '"\\u2000 \\u00a0"'],
  ['\u{e0041}', '"\\udb40\\udc41"'],
  ['héllo 😀', '"héllo 😀"'],
])('%j is written as %s', (text, json) => {
  expect(jsonText(text)).toBe(json);
});

test('is read back as the same text, and holds nothing that a terminal acts on', () => {
  const text = fc.string({
    unit: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u009b', '\u202e', '\u2000')),
  });
  fc.assert(
    fc.property(text, (content) => {
      const json = jsonText({ [content]: content });
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [content]: content })));
      expect(escapeControls(json)).toBe(json);
    }),
  );
});

test('lines and indentation stay', () => {
  expect(jsonText({ a: [1] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
});

test('comes in parts that are the whole', () => {
  const parts = (document: unknown) => [...jsonChunks(document, 2)];
  fc.assert(
    fc.property(fc.jsonValue(), (document) => {
      expect(parts(document).join('')).toBe(jsonText(document, 2));
    }),
  );
  for (const document of [{ a: undefined, b: [undefined, { c: [] }] }, { a: {}, b: [] }, [], {}, 'x', null])
    expect(parts(document).join('')).toBe(jsonText(document, 2));
  const large = { list: Array.from({ length: 3000 }, (_, index) => ({ index, text: 'x'.repeat(50) })) };
  expect(parts(large).length).toBeGreaterThan(2);
  expect(parts(large).join('')).toBe(jsonText(large, 2));
});
