package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Size of a picture in pixels, and the most bytes it may have.
const (
	Width, Height = 800, 400
	MaxBytes      = 100_000
)

var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 0xff}
	muted = color.RGBA{0x66, 0x66, 0x66, 0xff}
	rule  = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}

	// Ten colours that differ on white, also in print and for most of the colour-blind.
	colours = [MaxRuns]color.RGBA{
		{0x1f, 0x77, 0xb4, 0xff}, {0xd6, 0x27, 0x28, 0xff}, {0x2c, 0xa0, 0x2c, 0xff},
		{0xff, 0x7f, 0x0e, 0xff}, {0x94, 0x67, 0xbd, 0xff}, {0x00, 0x00, 0x00, 0xff},
		{0x17, 0xbe, 0xcf, 0xff}, {0xe3, 0x77, 0xc2, 0xff}, {0x8c, 0x56, 0x4b, 0xff},
		{0xbc, 0xbd, 0x22, 0xff},
	}
	dashes = [MaxMetrics][]vg.Length{nil, {7, 3}, {2, 2}, {8, 3, 2, 3}}
)

const (
	legendRow   = 18
	legendWidth = 230 // at most, of 800
	sample      = 24  // pixels of line in the legend
)

// A painter draws one chart. Places are pixels, y downwards.
type painter struct {
	writer
	canvas vgdraw.Canvas
}

// PNG draws the chart.
func (c *Chart) PNG() ([]byte, error) {
	img := vgimg.NewWith(vgimg.UseWH(Width, Height), vgimg.UseDPI(72))
	p := &painter{writer: *newWriter(img.Image()), canvas: vgdraw.New(img)}
	area := image.Rect(0, 4, Width-8, Height-4)
	if c.Title != "" {
		p.write(12, 18, p.fit(c.Title, Width-24), ink)
		area.Min.Y = 24
	}
	if len(c.Legend) > 0 {
		area.Max.X -= p.legend(c.Legend, area)
	}
	columns, rows := min(2, len(c.Panels)), (len(c.Panels)+1)/2
	for i, panel := range c.Panels {
		w, h := area.Dx()/columns, area.Dy()/rows
		at := image.Pt(area.Min.X+i%columns*w, area.Min.Y+i/columns*h)
		if i == len(c.Panels)-1 && i%columns == 0 {
			w = area.Dx() // the last of three
		}
		p.panel(panel, image.Rectangle{at, at.Add(image.Pt(w, h))})
	}
	return encode(img.Image())
}

// encode writes a picture as PNG, in as many shades of our colours as fit into MaxBytes.
func encode(img image.Image) ([]byte, error) {
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	var b bytes.Buffer
	for _, strengths := range []int{8, 2, 1} {
		few := image.NewPaletted(img.Bounds(), shades(strengths))
		draw.Draw(few, few.Bounds(), img, image.Point{}, draw.Src)
		b.Reset()
		if err := encoder.Encode(&b, few); err != nil {
			return nil, err
		}
		if b.Len() <= MaxBytes {
			return b.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("the picture has %d bytes, more than %d", b.Len(), MaxBytes)
}

// shades are our colours, each in so many strengths.
func shades(strengths int) color.Palette {
	palette := color.Palette{color.White, rule}
	for _, c := range append([]color.RGBA{ink, muted}, colours[:]...) {
		for i := range strengths {
			palette = append(palette, pale(c, float64(i+1)/float64(strengths)))
		}
	}
	return palette
}

// pale is part of a colour, the rest white.
func pale(c color.RGBA, part float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(255 - part*(255-float64(v))) }
	return color.RGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}

// stroke draws lines, clipped to a rectangle.
func (p *painter) stroke(in image.Rectangle, style vgdraw.LineStyle, lines ...[]image.Point) {
	points := make([][]vg.Point, len(lines))
	for i, line := range lines {
		for _, pt := range line {
			points[i] = append(points[i], vg.Point{X: vg.Length(pt.X) + 0.5, Y: Height - vg.Length(pt.Y) - 0.5})
		}
	}
	p.strokeExact(in, style, points)
}

func (p *painter) strokeExact(in image.Rectangle, style vgdraw.LineStyle, lines [][]vg.Point) {
	clip := p.canvas
	clip.Rectangle = vg.Rectangle{
		Min: vg.Point{X: vg.Length(in.Min.X), Y: Height - vg.Length(in.Max.Y)},
		Max: vg.Point{X: vg.Length(in.Max.X), Y: Height - vg.Length(in.Min.Y)},
	}
	for _, line := range clip.ClipLinesXY(lines...) {
		for len(line) > chunk {
			clip.StrokeLines(style, line[:chunk])
			line = line[chunk-1:]
		}
		clip.StrokeLines(style, line)
	}
}

// chunk is how many points are drawn at once: the time that drawing takes grows with the square.
const chunk = 64

// legend draws the legend at the right of area and returns its width.
func (p *painter) legend(entries []Entry, area image.Rectangle) int {
	width := 0
	for _, e := range entries {
		width = max(width, p.width(e.Label))
	}
	width = min(width+sample+22, legendWidth)
	x, y := area.Max.X-width+10, area.Min.Y+14
	for _, e := range entries {
		style := vgdraw.LineStyle{Color: colours[e.color], Width: 2.2, Dashes: dashes[e.dash]}
		if e.grey {
			style.Color = muted
		}
		if e.marker {
			p.cross(image.Pt(x+sample/2, y-4), muted)
		} else {
			p.stroke(image.Rect(0, 0, Width, Height), style, []image.Point{{x, y - 4}, {x + sample, y - 4}})
		}
		p.write(x+sample+6, y, p.fit(e.Label, width-sample-18), ink)
		y += legendRow
	}
	return width
}

// panel draws a pair of axes with its curves into a rectangle.
func (p *painter) panel(panel Panel, in image.Rectangle) {
	left := 0
	for _, t := range panel.Y.Ticks {
		left = max(left, p.width(t.Label))
	}
	axes := image.Rect(in.Min.X+left+18, in.Min.Y+22, in.Max.X-14, in.Max.Y-34)
	title := strings.Join(panel.Metrics, ", ")
	if panel.Y.Log {
		title += " (log scale)"
	}
	if panel.Cut {
		title += " (axis cut: ▲ lies beyond it)"
	}
	p.write(axes.Min.X, in.Min.Y+14, p.fit(title, axes.Dx()), ink)
	p.axes(panel, axes)
	for _, faint := range []bool{true, false} { // the pale lines behind all others
		for _, c := range panel.Curves {
			p.curve(panel, c, axes, faint)
		}
	}
	for _, c := range panel.Curves {
		p.marks(panel, c, axes)
	}
}

// axes draws the grid, the axes and the numbers beside them.
func (p *painter) axes(panel Panel, in image.Rectangle) {
	everywhere := image.Rect(0, 0, Width, Height)
	thin := vgdraw.LineStyle{Color: rule, Width: 1}
	for _, t := range panel.Y.Ticks {
		y := in.Max.Y - int(math.Round(panel.Y.at(t.Value)*float64(in.Dy())))
		p.stroke(everywhere, thin, []image.Point{{in.Min.X, y}, {in.Max.X, y}})
		p.write(in.Min.X-6-p.width(t.Label), y+4, t.Label, muted)
	}
	after := 0 // where the last label ended
	for _, t := range panel.X.Ticks {
		x := in.Min.X + int(math.Round(panel.X.at(t.Value)*float64(in.Dx())))
		p.stroke(everywhere, thin, []image.Point{{x, in.Min.Y}, {x, in.Max.Y}})
		if w := p.width(t.Label); x-w/2 > after && x+w/2 <= Width {
			p.write(x-w/2, in.Max.Y+15, t.Label, muted)
			after = x + w/2 + 4
		}
	}
	dark := vgdraw.LineStyle{Color: muted, Width: 1}
	p.stroke(everywhere, dark, []image.Point{in.Min, {in.Min.X, in.Max.Y}, in.Max})
	p.write(in.Max.X-p.width("step"), in.Max.Y+29, "step", muted)
}

// place is where a point of the data is in the picture.
func place(panel Panel, pt Point, in image.Rectangle) vg.Point {
	return vg.Point{
		X: vg.Length(float64(in.Min.X) + panel.X.at(pt.X)*float64(in.Dx())),
		Y: Height - vg.Length(float64(in.Max.Y)-panel.Y.at(pt.Y)*float64(in.Dy())),
	}
}

// curve draws the lines of a curve, or the pale ones behind it. A line of one point is a dot.
func (p *painter) curve(panel Panel, c Curve, in image.Rectangle, faint bool) {
	style := vgdraw.LineStyle{Color: colours[c.color], Width: 1.7, Dashes: dashes[c.dash]}
	if len(panel.Curves) > 4 {
		style.Width = 1.2
	}
	from := c.Lines
	if faint {
		style = vgdraw.LineStyle{Color: pale(colours[c.color], 0.375), Width: 1}
		from = c.Raw
	}
	var lines [][]vg.Point
	for _, line := range from {
		var points []vg.Point
		for _, pt := range line {
			points = append(points, place(panel, pt, in))
		}
		if len(points) == 1 {
			p.dot(points[0], style.Color, in)
			continue
		}
		lines = append(lines, points)
	}
	p.strokeExact(in, style, lines)
}

func (p *painter) dot(at vg.Point, c color.Color, in image.Rectangle) {
	clip := p.canvas
	clip.Rectangle = vg.Rectangle{
		Min: vg.Point{X: vg.Length(in.Min.X), Y: Height - vg.Length(in.Max.Y)},
		Max: vg.Point{X: vg.Length(in.Max.X), Y: Height - vg.Length(in.Min.Y)},
	}
	clip.DrawGlyph(vgdraw.GlyphStyle{Color: c, Radius: 3.5, Shape: vgdraw.CircleGlyph{}}, at)
}

// marks draws where a curve becomes NaN, and where it leaves a cut axis.
func (p *painter) marks(panel Panel, c Curve, in image.Rectangle) {
	for _, pt := range c.Broken {
		if y := panel.Y.at(pt.Y); y >= 0 && y <= 1 {
			at := place(panel, pt, in)
			p.cross(image.Pt(int(at.X), Height-int(at.Y)), colours[c.color])
		}
	}
	if c.Beyond == nil {
		return
	}
	at := place(panel, *c.Beyond, in)
	x, y, down := at.X, Height-vg.Length(in.Min.Y)-5, vg.Length(1)
	label := in.Min.Y + 18
	if c.Beyond.Y < panel.Y.Min {
		y, down, label = Height-vg.Length(in.Max.Y)+5, -1, in.Max.Y-10
	}
	p.canvas.FillPolygon(colours[c.color], []vg.Point{{X: x - 5, Y: y - 4*down}, {X: x + 5, Y: y - 4*down},
		{X: x, Y: y + 5*down}})
	text := fmt.Sprintf("%.4g", c.Beyond.Y)
	if slices.Contains(c.Broken, *c.Beyond) {
		text += ", then NaN or infinity"
	}
	left := int(x) + 7
	if left+p.width(text) > in.Max.X {
		left = int(x) - 7 - p.width(text)
	}
	p.write(left, label, text, colours[c.color])
}

func (p *painter) cross(at image.Point, c color.Color) {
	style := vgdraw.LineStyle{Color: c, Width: 2}
	p.stroke(image.Rect(0, 0, Width, Height), style,
		[]image.Point{{at.X - 4, at.Y - 4}, {at.X + 4, at.Y + 4}},
		[]image.Point{{at.X - 4, at.Y + 4}, {at.X + 4, at.Y - 4}})
}
