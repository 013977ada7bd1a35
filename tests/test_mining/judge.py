"""A judge of words whose verdicts are known."""


class ScriptedJudge:
    """Objects to the given words and pairs, the word of any pair with "*", and keeps what it was asked."""

    def __init__(self, proper=(), kinds=(), broken=None):
        self.proper, self.kinds, self.broken = set(proper), set(kinds), broken
        self.asked, self.closed = [], False

    def proper_nouns(self, words):
        return [word in self.proper for word in words]

    def subcategories(self, pairs):
        self.asked += pairs
        return [pair in self.kinds or (pair[0], "*") in self.kinds for pair in pairs]

    def check(self):
        if self.broken:
            raise self.broken

    def close(self):
        self.closed = True

    def facts(self):
        return {"proper": sorted(self.proper), "kinds": sorted(self.kinds)}
