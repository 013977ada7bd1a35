from mmneglabel.suggestions import did_you_mean


def test_names_what_is_close_whatever_its_case():
    assert did_you_mean("openAI", ["openai", "laion2b", "opnai"]) == "did you mean 'openai' or 'opnai'?"


def test_names_what_is_known_where_nothing_is_close():
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", []) == "known: none"
    assert did_you_mean("zzz", map(str, range(100))).endswith(" and 80 more")
