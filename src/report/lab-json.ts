import type { LabResult } from '../lab/compare.ts';
import type { KernelTraits } from '../model/kernel-traits.ts';
import { kernelJson } from './kernel-json.ts';
import type { LabDocument } from './lab-document.ts';

export function labDocument(results: readonly LabResult[], { kernel }: KernelTraits): LabDocument {
  return {
    kind: 'lab',
    schemaVersion: 0,
    kernel: kernelJson(kernel.release, kernel.range),
    exact: results.filter(({ exact }) => exact).length,
    total: results.length,
    points: results.map((result) => ({
      ...result.point,
      exact: result.exact,
      numbers: result.compared.map(({ name, predicted, measured, agrees }) => ({
        name,
        predicted: [predicted.low, predicted.high],
        measured,
        agrees,
      })),
    })),
  };
}
