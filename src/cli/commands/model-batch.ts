import { inputError, isUserError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import { jsonText } from '../../core/json.ts';
import { type InputLine, standardInputLines } from '../../host/standard-input.ts';
import { checkTaken, type KernelSource, model, rememberedKernels, traitsOf } from '../../pipeline/model.ts';
import { type LinePlace, parseModelRequest } from '../../pipeline/model-request.ts';
import { modelDocument } from '../../report/model-json.ts';
import { userErrorJson } from '../boundary.ts';
import type { Terminal } from '../terminal.ts';

const FILE = 'standard input';

function answerOf(line: InputLine, place: LinePlace, kernels: KernelSource): string {
  if (line === null) throw inputError('malformed-document', place, 'the line is longer than 1 MiB');
  const request = parseModelRequest(line, place);
  const traits = traitsOf(request.kernel, kernels, place);
  checkTaken(request, traits, place);
  return `${jsonText(modelDocument(model(request, traits)))}\n`;
}

/** An answer for each line of standard input, in the same order; a bad line gets an error in its place. */
export async function runModelBatch(terminal: Terminal): Promise<ExitStatus> {
  const kernels = rememberedKernels();
  let status: ExitStatus = EXIT.done;
  let number = 0;
  for await (const lines of standardInputLines()) {
    const answers: string[] = [];
    for (const line of lines) {
      number += 1;
      try {
        answers.push(answerOf(line, { file: FILE, line: number }, kernels));
      } catch (thrown) {
        if (!isUserError(thrown)) throw thrown;
        status = EXIT.badInput;
        answers.push(userErrorJson(thrown));
      }
    }
    await terminal.write(answers.join(''));
  }
  return status;
}
