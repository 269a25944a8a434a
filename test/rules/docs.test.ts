import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { RULES } from '../../src/rules/registry.ts';

const DOCS = new URL('../../docs/rules/', import.meta.url);

const HEADINGS = [
  'What it finds',
  'Why it matters',
  'How it is measured',
  'What to do',
  'How to undo',
  'When to ignore it',
  'Sources',
];

function read(path: string): string {
  return readFileSync(new URL(path, DOCS), 'utf8');
}

/** Headings of a page with the text below each. */
function sections(page: string): readonly (readonly [heading: string, body: string])[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...body] = section.split('\n');
      return [heading, body.join('\n').trim()] as const;
    });
}

function listedIn(readme: string): readonly string[] {
  return [...readme.matchAll(/^\| \[([^\]]+)\]\(([^)]+)\)/gm)].map(([, id, link]) => {
    expect(link).toBe(`${id}.md`);
    return id ?? '';
  });
}

const ids = RULES.map(({ id }) => id);

describe('registry', () => {
  test('every rule once, sorted, named area/problem', () => {
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*\/[a-z]+(-[a-z]+)*$/);
  });

  test.each(RULES)(
    '$id says in a sentence each what and why, and on what grounds',
    ({ title, why, references }) => {
      expect(title).toMatch(/^\S.*[^.]$/);
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(references.length).toBeGreaterThan(0);
    },
  );

  test.each(RULES)('$id declares each need once', ({ requires, uses }) => {
    expect(new Set([...requires, ...uses]).size).toBe(requires.length + uses.length);
  });
});

describe('pages', () => {
  test.each(ids)('%s has a page with its id as title and every heading filled, in order', (id) => {
    const page = read(`${id}.md`);
    expect(page.split('\n')[0]).toBe(`# ${id}`);
    expect(sections(page).map(([heading]) => heading)).toEqual(HEADINGS);
    for (const [, body] of sections(page)) expect(body.length).toBeGreaterThan(15);
  });

  test('no page without a rule', () => {
    const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && path !== 'README.md')
      .map((path) => path.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual([...ids].sort());
  });

  test('the index lists the rules in their order', () => {
    expect(listedIn(read('README.md'))).toEqual(ids);
  });
});
