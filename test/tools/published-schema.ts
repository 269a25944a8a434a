import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const compiled = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const url = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  const validate =
    compiled.get(name) ??
    new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(url, 'utf8')));
  compiled.set(name, validate);
  return validate;
}

/** What the published schema of its kind has against a document, as it is printed: nothing, where it fits. */
export function schemaFaults(name: string, document: unknown): readonly string[] {
  const validate = validatorOf(name);
  const printed: unknown = JSON.parse(JSON.stringify(document));
  if (validate(printed)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
