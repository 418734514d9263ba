// Unpacks deflate for browsers that have no DecompressionStream of their own:
// RFC 1951, slow and sure. Others never call it.
function inflate(input) {
  let at = 0, bits = 0, held = 0, size = 0, out = new Uint8Array(input.length * 8);
  const need = n => {
    while (held < n) { bits |= input[at++] << held; held += 8; }
    const value = bits & ((1 << n) - 1);
    bits >>>= n; held -= n;
    return value;
  };
  const room = n => {
    if (size + n <= out.length) return;
    const more = new Uint8Array(Math.max(out.length * 2, size + n));
    more.set(out);
    out = more;
  };
  // A code is the number of symbols of each length, and the symbols in order.
  const code = lengths => {
    const count = new Uint16Array(16), start = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
    for (const l of lengths) count[l]++;
    count[0] = 0;
    for (let i = 1; i < 16; i++) start[i] = start[i - 1] + count[i - 1];
    lengths.forEach((l, symbol) => { if (l) symbols[start[l]++] = symbol; });
    return { count, symbols };
  };
  const symbol = ({ count, symbols }) => {
    let value = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      value |= need(1);
      if (value - first < count[length]) return symbols[index + value - first];
      index += count[length];
      first = (first + count[length]) << 1;
      value <<= 1;
    }
    throw new Error("the data of the checks is damaged");
  };
  const extra = (base, symbols, perStep) => { // lengths and distances grow in steps
    const list = [];
    for (let i = 0, value = base; i < symbols; i++) {
      const n = i < 2 * perStep ? 0 : Math.floor(i / perStep) - 1;
      list.push([value, n]);
      value += 1 << n;
    }
    return list;
  };
  const lengthOf = extra(3, 28, 4).concat([[258, 0]]), distanceOf = extra(1, 30, 2);
  const fixed = [code([...Array(288).keys()].map(i => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)), code(Array(30).fill(5))];
  const dynamic = () => {
    const literals = need(5) + 257, distances = need(5) + 1, n = need(4) + 4, lengths = Array(19).fill(0);
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].slice(0, n).forEach(i => { lengths[i] = need(3); });
    const meta = code(lengths), all = [];
    while (all.length < literals + distances) {
      const s = symbol(meta);
      if (s < 16) all.push(s);
      else if (s === 16) { const last = all[all.length - 1]; for (let i = need(2) + 3; i > 0; i--) all.push(last); }
      else for (let i = s === 17 ? need(3) + 3 : need(7) + 11; i > 0; i--) all.push(0);
    }
    return [code(all.slice(0, literals)), code(all.slice(literals))];
  };
  for (let last = 0; !last;) {
    last = need(1);
    const kind = need(2);
    if (kind === 0) {
      bits = held = 0;
      const n = input[at] | input[at + 1] << 8;
      room(n);
      out.set(input.subarray(at + 4, at + 4 + n), size);
      at += 4 + n; size += n;
      continue;
    }
    const [literals, distances] = kind === 1 ? fixed : dynamic();
    for (let s = symbol(literals); s !== 256; s = symbol(literals)) {
      if (s < 256) { room(1); out[size++] = s; continue; }
      const [length, more] = lengthOf[s - 257], n = length + need(more);
      const [distance, further] = distanceOf[symbol(distances)], back = distance + need(further);
      room(n);
      for (let i = 0; i < n; i++, size++) out[size] = out[size - back];
    }
  }
  return out.subarray(0, size);
}

