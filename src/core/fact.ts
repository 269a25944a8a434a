/** Why a fact about the host is not known. */
export type UnknownWhy = 'absent' | 'denied' | 'malformed' | 'timed-out' | 'not-collected';

export type Known<T> = { readonly ok: true; readonly value: T; readonly from?: string };
export type Unknown = { readonly ok: false; readonly why: UnknownWhy; readonly detail?: string };

/** A value read from the host with its origin, or the reason why it is not known. */
export type Fact<T> = Known<T> | Unknown;

export function known<T>(value: T, from?: string): Known<T> {
  return from === undefined ? { ok: true, value } : { ok: true, value, from };
}

export function unknown(why: UnknownWhy, detail?: string): Unknown {
  return detail === undefined ? { ok: false, why } : { ok: false, why, detail };
}

export function mapFact<A, B>(fact: Fact<A>, convert: (value: A) => B): Fact<B> {
  return fact.ok ? known(convert(fact.value), fact.from) : fact;
}

/** The next step of a reading that can itself fail. */
export function thenFact<A, B>(fact: Fact<A>, next: (value: A) => Fact<B>): Fact<B> {
  return fact.ok ? next(fact.value) : fact;
}

export function valueOr<A, B>(fact: Fact<A> | undefined, otherwise: B): A | B {
  return fact?.ok ? fact.value : otherwise;
}

/** Why a file that somebody named cannot be read, in words. */
export function unreadableText({ why, detail }: Unknown): string {
  return detail ?? (why === 'absent' ? 'there is no such file' : why);
}
