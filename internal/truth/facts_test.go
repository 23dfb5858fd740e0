package truth

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// facts are single values under names such as "get_experiment <id> status".
type facts map[string]string

func (f facts) add(name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for k, e := range v {
			f.add(name+" "+k, e)
		}
		if len(v) == 0 {
			f[name] = "{}"
		}
	case []any:
		for i, e := range v {
			f.add(fmt.Sprintf("%s %d", name, i), e)
		}
		f[name] = fmt.Sprintf("%d elements", len(v))
	default:
		f[name] = fmt.Sprint(v)
	}
}

// addJSON adds any value by its JSON.
func (f facts) addJSON(t *testing.T, name string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	f.add(name, v)
}

// A difference is where we and the Viewer must differ, and why.
type difference struct{ fact, cause string }

// compare fails for every difference that is not listed, and for every listed one that is gone.
func compare(t *testing.T, ours, theirs facts, listed []difference) {
	t.Helper()
	if len(theirs) < 100 {
		t.Errorf("only %d facts", len(theirs))
	}
	causes := make(map[string]string)
	for _, d := range listed {
		causes[d.fact] = d.cause
	}
	all := maps.Clone(ours)
	maps.Copy(all, theirs)
	for _, fact := range slices.Sorted(maps.Keys(all)) {
		we, weKnow := ours[fact]
		they, theyKnow := theirs[fact]
		same := we == they && weKnow == theyKnow
		switch cause, known := causes[fact]; {
		case !same && !known:
			t.Errorf("%s: we say %q (%t), the Viewer %q (%t)", fact, we, weKnow, they, theyKnow)
		case same && known:
			t.Errorf("%s is %q on both sides: the listed difference is gone (%s)", fact, we, cause)
		}
		delete(causes, fact)
	}
	for fact := range causes {
		t.Errorf("%s: listed as a difference, and on neither side", fact)
	}
}
