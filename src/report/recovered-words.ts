import { isFinished, type Recovery } from '../apply/recover.ts';

const RECOVERED: Readonly<Record<Recovery['was'], (id: string) => string>> = {
  applying: (id) =>
    `An earlier run was ended in the middle of transaction ${id}: everything that it had changed is put back`,
  waiting: (id) => `Transaction ${id} was not confirmed: everything that it had changed is put back`,
  confirming: (id) =>
    `An earlier run was ended while it confirmed transaction ${id}: everything that it had changed is put back`,
  'rolling-back': (id) =>
    `An earlier run was ended in the middle of rolling back transaction ${id}: that is finished now`,
};

const NOT_YET: Readonly<Record<Recovery['was'], (id: string) => string>> = {
  applying: (id) => `An earlier run was ended in the middle of transaction ${id}`,
  waiting: (id) => `Transaction ${id} was not confirmed`,
  confirming: (id) => `An earlier run was ended while it confirmed transaction ${id}`,
  'rolling-back': (id) => `An earlier run was ended in the middle of rolling back transaction ${id}`,
};

/** What became of what an earlier run left, as a sentence, or the beginning of a list. */
export function recoveredText({ id, was, left }: Recovery): string {
  if (!isFinished({ left }))
    return `${NOT_YET[was](id)}, and not everything could be put back. The next run tries again; by hand it goes by the README that history show ${Number(id)} names:`;
  return `${RECOVERED[was](id)}${left.length === 0 ? '.' : ', but for what is left as it is:'}`;
}
