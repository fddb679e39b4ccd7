// CRC-32C (Castagnoli), the checksum in all of LevelDB's files; zlib.crc32 is of another polynomial.

const POLYNOMIAL = 0x82f63b78;

/** For a byte that is followed by none, one, two or three others: four bytes are taken at a time ("slicing by 4"). */
const [TABLE_0, TABLE_1, TABLE_2, TABLE_3] = makeTables();

/** The checksum of `bytes` from `start` up to `end`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = -1;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    crc ^= view.getInt32(at, true);
    crc =
      (TABLE_3[crc & 0xff] ?? 0) ^
      (TABLE_2[(crc >>> 8) & 0xff] ?? 0) ^
      (TABLE_1[(crc >>> 16) & 0xff] ?? 0) ^
      (TABLE_0[crc >>> 24] ?? 0);
  }
  for (; at < end; at += 1) crc = (TABLE_0[(crc ^ view.getUint8(at)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const next = (table: Int32Array) => table.map((crc) => (first[crc & 0xff] ?? 0) ^ (crc >>> 8));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}
