import type { LabResult } from '../lab/compare.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { kernelJson } from './kernel-json.ts';
import type { LabDocument } from './lab-document.ts';

function agrees({ compared }: LabResult): boolean {
  return compared.every((each) => each.agrees);
}

export function labDocument(results: readonly LabResult[], { kernel }: KernelTraits): LabDocument {
  return {
    kind: 'lab',
    schemaVersion: 0,
    kernel: kernelJson(kernel.release, kernel.range),
    exact: results.filter(agrees).length,
    total: results.length,
    points: results.map((result) => ({
      ...result.point,
      exact: agrees(result),
      numbers: result.compared.map(({ name, predicted, measured, agrees }) => ({
        name,
        predicted: [predicted.low, predicted.high],
        measured,
        agrees,
      })),
    })),
  };
}
