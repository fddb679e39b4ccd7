// A set of keys in 2 bytes each, which may say "perhaps" of one that is not in it, and never "no" of one that is (B. H. Bloom,
// "Space/time trade-offs in hash coding with allowable errors", 1970).

const FIRST_CAPACITY = 2 ** 16;
const BITS_PER_KEY = 16;
/** Bits that one key sets. With these figures about one key in a thousand that is not there is taken for one that is. */
const PROBES = 6;

/** A filter of fixed size. Both sizes are powers of two. */
interface Layer {
  readonly capacity: number;
  readonly words: Uint32Array;
  count: number;
}

/** Grows with the number of keys: each further layer takes twice as many as the one before. */
export class KeyFilter {
  readonly #layers: Layer[] = [];

  add(key: string): void {
    const hashes = hashesOf(key);
    if (this.#has(hashes)) return;
    const layer = this.#layerWithRoom();
    layer.count += 1;
    for (const bit of bitsOf(hashes, layer)) {
      const word = bit >>> 5;
      layer.words[word] = (layer.words[word] ?? 0) | (1 << (bit & 31));
    }
  }

  /** False when `key` was never added; true when it was, and sometimes when it was not. */
  mayHave(key: string): boolean {
    return this.#has(hashesOf(key));
  }

  #has(hashes: Hashes): boolean {
    return this.#layers.some((layer) => bitsOf(hashes, layer).every((bit) => isSet(layer, bit)));
  }

  #layerWithRoom(): Layer {
    const last = this.#layers.at(-1);
    if (last !== undefined && last.count < last.capacity) return last;
    const capacity = last === undefined ? FIRST_CAPACITY : last.capacity * 2;
    const layer = { capacity, words: new Uint32Array((capacity * BITS_PER_KEY) / 32), count: 0 };
    this.#layers.push(layer);
    return layer;
  }
}

type Hashes = readonly [number, number];

const isSet = ({ words }: Layer, bit: number): boolean => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;

/** The bits of a key: sums of two hashes do as well as many (A. Kirsch, M. Mitzenmacher, "Less hashing, same performance", 2006). */
function bitsOf([first, second]: Hashes, { capacity }: Layer): number[] {
  const mask = capacity * BITS_PER_KEY - 1;
  const bits: number[] = [];
  for (let probe = 0; probe < PROBES; probe += 1) bits.push((first + probe * second) & mask);
  return bits;
}

/** Two hashes of 32 bits, the second one odd: FNV-1a with two primes, mixed as in MurmurHash 3. */
function hashesOf(key: string): Hashes {
  let first = 0x811c9dc5;
  let second = 0x9e3779b9;
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x5bd1e995);
    second ^= second >>> 15;
  }
  return [mixed(first), mixed(second) | 1];
}

function mixed(hash: number): number {
  let mixing = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}
