package inventory

// several decodes a line that is no JSON alone because it is several objects,
// or one and a comma. False: it is neither.
func (d *Decoder) several(line []byte, number int) bool {
	if d.chunk.spans != nil {
		return false
	}
	objects := objectsOn(line)
	if len(objects) == 0 || len(objects[0]) == len(line) {
		return false
	}
	for _, object := range objects {
		d.decode(object, number)
	}
	return true
}

// objectsOn cuts a line at the brackets of the objects that it consists of;
// commas may stand between them. Nil: it consists of something else.
func objectsOn(line []byte) (objects [][]byte) {
	depth, start := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '{' || c == '[' && depth > 0:
			if depth == 0 {
				start = i
			}
			depth++
		case depth == 0:
			if c != ',' && !isSpace(c) {
				return nil
			}
		case c == '"':
			n, closed := skipEscapes(line[i+1:])
			if !closed {
				return nil
			}
			i += n
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				objects = append(objects, line[start:i+1])
			}
		}
	}
	if depth > 0 {
		return nil
	}
	return objects
}
