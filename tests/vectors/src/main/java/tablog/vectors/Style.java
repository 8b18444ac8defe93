package tablog.vectors;

/** What is to happen in the stories for an assignor. */
record Style(int unevenPercent, boolean racks, boolean claims, boolean ids, boolean withholds) {}
