package plot

import (
	"image"
	"image/color"
	"image/draw"
	"sync"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const textSize = 12 // pixels; that of the bitmap font

// latin is the Go font, for what it has: Latin, Greek, Cyrillic. bitmapfont has the rest.
var latin = sync.OnceValue(func() *sfnt.Font {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // it is part of the program
	}
	return f
})

// A writer writes text into a picture. It is not safe for use by several goroutines.
type writer struct {
	dst   draw.Image
	latin font.Face
	buf   sfnt.Buffer
}

func newWriter(dst draw.Image) *writer {
	face, err := opentype.NewFace(latin(), &opentype.FaceOptions{Size: textSize, DPI: 72,
		Hinting: font.HintingFull})
	if err != nil {
		panic(err) // of options that do not vary
	}
	return &writer{dst: dst, latin: face}
}

// face is the font that has r.
func (w *writer) face(r rune) font.Face {
	if i, err := latin().GlyphIndex(&w.buf, r); err == nil && i != 0 {
		return w.latin
	}
	return bitmapfont.FaceSC
}

// width is how many pixels a text takes.
func (w *writer) width(s string) int {
	var total fixed.Int26_6
	for _, r := range s {
		advance, ok := w.face(r).GlyphAdvance(r)
		if !ok {
			advance, _ = bitmapfont.FaceSC.GlyphAdvance('□')
		}
		total += advance
	}
	return total.Ceil()
}

// write writes a text with its baseline beginning at x, y. A character that no font has is a
// box.
func (w *writer) write(x, y int, s string, c color.Color) {
	d := font.Drawer{Dst: w.dst, Src: image.NewUniform(c), Dot: fixed.P(x, y)}
	for _, r := range s {
		d.Face = w.face(r)
		if _, ok := d.Face.GlyphAdvance(r); !ok {
			r = '□'
		}
		d.DrawString(string(r))
	}
}

// fit is s in at most n pixels, its middle left out where it is longer: names of runs differ at
// the end as often as at the beginning.
func (w *writer) fit(s string, n int) string {
	if w.width(s) <= n {
		return s
	}
	r := []rune(s)
	for keep := len(r) - 1; keep > 0; keep-- {
		short := string(r[:(keep+1)/2]) + "…" + string(r[len(r)-keep/2:])
		if w.width(short) <= n {
			return short
		}
	}
	return "…"
}
