import { readFileSync } from 'node:fs';
import { satisfies } from 'semver';

const NODE_FLOOR = '20.20.2';
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const names = new Set(Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, '')));

const complaints = Object.entries(packages).flatMap(([place, entry]) => [
  ...Object.keys(place === '' ? {} : (entry.optionalDependencies ?? {}))
    .filter((name) => !names.has(name))
    .map((name) => `${place}: its optional dependency ${name} is missing from the lock, so npm ci fails`),
  ...(entry.optional || satisfies(NODE_FLOOR, entry.engines?.node ?? '*')
    ? []
    : [`${place}: engines.node '${entry.engines.node}' leaves out Node ${NODE_FLOOR}`]),
  ...(/^https?:/.test(entry.resolved ?? '') ? [`${place}: the lock names a registry's host`] : []),
]);

for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;
