/**
 * The tables of ITU-T T.81, annex K.3: what a JPEG without tables of its own is meant to be read with.
 * Each: class and id, how many codes there are of each length, their values.
 */
const standardTables = [
  '00 00010501010101010100000000000000 000102030405060708090a0b',
  '10 0002010303020403050504040000017d 01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  '01 00030101010101010101010000000000 000102030405060708090a0b',
  '11 00020102040403040705040400010277 0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
].map((table) => Buffer.from(table.replaceAll(' ', ''), 'hex'));

const tables = (() => {
  const body = Buffer.concat(standardTables);
  const header = Buffer.from([0xff, 0xc4, (body.length + 2) >> 8, (body.length + 2) & 0xff]);
  return Buffer.concat([header, body]);
})();

const startOfImage = 0xffd8;
const huffmanTables = 0xffc4;
const startOfScan = 0xffda;

/**
 * A JPEG with its Huffman tables. Webcams and old AVIs leave them out of every frame, as everyone knows them; image
 * readers do not. A JPEG that has tables, or is not a baseline JPEG, is returned as it is.
 */
export function withHuffmanTables(jpeg: ArrayBuffer): ArrayBuffer {
  const view = new DataView(jpeg);
  if (jpeg.byteLength < 4 || view.getUint16(0) !== startOfImage) return jpeg;
  let at = 2;
  while (at + 4 <= jpeg.byteLength) {
    const marker = view.getUint16(at);
    if (marker === startOfScan) return insert(jpeg, at);
    if (marker === huffmanTables || marker < 0xffc0 || marker === 0xffc2) return jpeg;
    at += 2 + view.getUint16(at + 2);
  }
  return jpeg;
}

function insert(jpeg: ArrayBuffer, at: number): ArrayBuffer {
  const whole = new Uint8Array(jpeg.byteLength + tables.length);
  whole.set(new Uint8Array(jpeg, 0, at));
  whole.set(tables, at);
  whole.set(new Uint8Array(jpeg, at), at + tables.length);
  return whole.buffer;
}
