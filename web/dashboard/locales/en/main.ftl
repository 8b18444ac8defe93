# The words of the dashboard. A sentence is a whole template; <b> and <code> are the template's own, arguments never are.

nothing = { "" }
number = { $n }
records = { $n ->
    [one] { $n } record
   *[other] { $n } records
  }

## Quantities
size-b = { $n } B
size-kb = { $n } kB
size-mb = { $n } MB
size-gb = { $n } GB
rate = { $n } records/s
duration-ms = { $n } ms
duration-ms-exact = { $n } ms
duration-s = { $n } s
duration-min = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
  }
duration-h = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
  }
duration-d = { $n ->
    [one] { $n } day
   *[other] { $n } days
  }
unit-records-a-second = records/s
unit-records = records
unit-ms = ms
ago = { $duration } ago
times = { $n ->
    [one] once
   *[other] { $n } times
  }
and-more = and { $n } more
rows-shown = { $shown } of { $all } are shown.
as-of = as of { $time }

## The running head
skip = Skip to the content
nav = Pages
nav-overview = Overview
nav-topics = Topics
nav-groups = Groups
nav-clients = Clients
nav-storage = Storage
nav-lab = Lab
language = Language
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
where-worker = In this browser’s worker
where-tabs = { $n ->
    [one] one tab attached
   *[other] { $n } tabs attached
  }
where-commit = commit { $ms } ms
where-starting = The broker is starting
where-lost = The broker is silent; it is being sought
where-stale = No answer since { $time }
where-full = In this browser’s worker, its store is full
where-broken = The broker could not start: its store cannot be opened
where-no-shared-worker = No broker: this browser has no shared workers
not-found = There is no such page.
not-found-way = The pages above are all there are.

## States
opening = Opening the log.
opening-what = After every start the broker reads each log from its last checkpoint.
no-shared-worker = This browser cannot run the broker.
no-shared-worker-way = The broker lives in a SharedWorker, and this browser has none. Firefox, Safari and Chrome on a computer have it.
broken-head = The store cannot be opened.
broken-what = The browser could not open the broker’s database: <code>{ $detail }</code>. The broker has not started, so nothing can be written or read here.
broken-safe = What was acknowledged is most likely still on the disk. Try again first; if that fails, download before you delete.
not-allowed-what = This browser lets this site store nothing and run no shared worker: <code>{ $detail }</code>. The broker lives in both.
not-allowed-way = Allow site data (cookies) for this site, or leave the window that forbids them, then try again. What was stored earlier is not touched.
newer-format-what = This store was written by a newer version of Tablog than this page: <code>{ $detail }</code>.
newer-format-way = Reload the page to get that version; nothing was changed. If there is none, download the store before you delete it.
busy-what = Another page of this site has the store open, or is deleting or upgrading it: <code>{ $detail }</code>.
busy-way = Close that page. This one goes on by itself as soon as the store is free; nothing acknowledged is lost by waiting.
deleted-head = The store was deleted.
deleted-what = Another page of this site, or the browser’s settings, deleted the broker’s database while it was in use: <code>{ $detail }</code>. What was in it is gone, in all tabs.
deleted-way = Try again to begin with an empty store.
damaged-head = The store is damaged.
damaged-what = A value in the broker’s database is not what was written there: <code>{ $detail }</code>. The broker has stopped rather than read past it.
damaged-way = Download the store first: everything else in it can still be read. Then delete it and begin anew.
broken-more-ways = Other ways on
died-head = The page has lost its worker.
died-what = The worker that reads and writes for this page ended: <code>{ $detail }</code>. What was acknowledged is stored; the producers and consumers of this tab begin again when you try again.
try-again = Try again
try-again-what = Usually enough when another tab holds it, or the browser has just woken up.
last-tried = Last tried
tried = Tried
download-store = Download the raw store
download-store-what = Every value that can still be read, as it lies, in one file. It needs no broker.
delete-store = Delete and begin anew
delete-store-ask = Delete the store…
store-full-head = The store is full. Writes are refused, reads go on.
store-full-what = The browser gives no more room: <code>{ $detail }</code>. Producers get <code>KAFKA_STORAGE_ERROR</code> and try again. No acknowledged record is lost.
store-full-ways = Groups read on, but cannot commit either. All goes on by itself when there is room: keep a topic for less, delete one, or ask the browser to keep the store.

## Overview
load-the-flights = Load the flights
replay-the-flights = Replay the flights
load-running = Loading the flights: 20,000 records on their way.
load-done = { $n } flights are stored and acknowledged, { $duration } after the click. They are kept for ever: at the default of seven days, flights of 2001 would be deleted at once.
load-failed = The flights could not be loaded: { $detail }
add-producer = Add producer
add-consumer = Add consumer
remove-consumer = Remove consumer
totals = Totals
total-written = Written
total-read = Read
total-behind = Behind, running groups
total-stored = Stored in IndexedDB
total-commit = Commit, median
flowing-now = What is flowing now
what-happened = What happened
overview-how = <b>How to read it.</b> Thickness is records a second. Arriving records run under a tape to its right edge, the high watermark; records being read leave above it, from where the group stands. The hatched span is what the group has still to read.
overview-picture = { $topics ->
    [one] One topic
   *[other] { $topics } topics
  }, { $groups ->
    [one] one group
   *[other] { $groups } groups
  }, { $lag } records still to be read.
skeleton-picture = Where producers, partitions and consumers will appear.
empty-head = Nothing has been written yet.
empty-what = The broker is running and its log is empty. Load 20,000 real flights of 2001 and watch each land on one of six partitions, by the hash of its airport.
empty-or = or create a topic of your own
note-producer-1 = A producer
note-producer-2 = writes; the hash
note-producer-3 = of the key picks
note-producer-4 = the lane.
note-partition = Each partition keeps its records in order.
note-member-1 = Each lane is read by
note-member-2 = one member of a group.
column-producers = Producers
column-topics = Topics
column-groups = Groups
axis-newest = newest
axis-behind = ← records behind the newest
axis-now = now
topic-sub = { $partitions ->
    [one] 1 partition
   *[other] { $partitions } partitions
  } · { $records ->
    [one] 1 record
   *[other] { $records } records
  }
topic-sub-hidden = { $partitions } partitions, { $hidden } not drawn · { $records } records
writers-others = other clients
writers-more = and { $n } more
key-origin = key = origin
key-random = key = random
key-one = one key
key-none = no key
group-sub-generation = generation { $generation } · { $assignor } · { $state }
group-sub = { $assignor } · { $state }
group-sub-forming = forming generation { $generation }, stopped { $duration }
group-sub-forming-unnumbered = rebalancing, stopped { $duration }
behind = { $n } behind
nothing-behind = nothing behind
member-behind = { $n } behind · { $rate }
member-nothing-behind = nothing behind · { $rate }
member-growing = growing { $n } a second
member-shrinking = shrinking { $n } a second
member-reads = reads { $read } of { $written } records/s
member-reads-only = reads { $read } records/s
member-stopped = stopped for { $duration }
member-owns-nothing = owns nothing
member-left = left the group
member-expired = expired
headline-forming = { $group } is forming a generation; nothing is read until it stands.
headline-rebalancing = { $group } is rebalancing, and { $partitions ->
    [one] its partition stands
   *[other] all { $partitions } partitions stand
  } still.
headline-rebalancing-joined = { $group } is rebalancing: { $client } joined, and all { $partitions } partitions stand still.
headline-rebalancing-left = { $group } is rebalancing: { $client } left, and all { $partitions } partitions stand still.
headline-rebalancing-expired = { $group } is rebalancing: { $client }’s session expired, and all { $partitions } partitions stand still.
headline-one-slow = { $group } keeps up, except { $client }: { $n } records behind.
headline-one-slow-growing = { $group } keeps up, except { $client }: { $n } records behind and growing.
headline-one-slow-shrinking = { $group } keeps up, except { $client }: { $n } records behind and catching up.
headline-behind = { $group } is { $n } records behind.
headline-behind-growing = { $group } is { $n } records behind and growing.
headline-behind-shrinking = { $group } is { $n } records behind and catching up.
headline-keeps-up = { $rate } are written, and every group keeps up.
headline-nobody-reads = { $rate } are written; nobody reads them.
headline-quiet = All is quiet: { $records ->
    [one] the one record has
   *[other] all { $records } records have
  } been read.
headline-kept = { $records ->
    [one] 1 record is
   *[other] { $records } records are
  } kept in { $topics ->
    [one] one topic
   *[other] { $topics } topics
  }; nobody reads.

## The feed
feed-empty = Nothing yet.
feed-left = <b>{ $client }</b> left <b>{ $group }</b>.
feed-expired = <b>{ $client }</b> sent no heartbeat until its session expired; it is out of <b>{ $group }</b>.
feed-generation-joined = <b>{ $client }</b> joined <b>{ $group }</b>: generation { $generation }, { $assignor } gave it { $tiles }.{ $stopped }
feed-generation = <b>{ $group }</b> formed generation { $generation } by { $assignor }: { $members ->
    [one] one member
   *[other] { $members } members
  }.{ $stopped }
feed-generation-empty = <b>{ $group }</b> has no members any more.
feed-stopped = { " " }Reading stood still for { $duration }.
feed-offsets-expired = Committed offsets of <b>{ $group }</b> expired.
feed-records-deleted = <b>{ $topic }</b> { $partition } now begins at offset { $start }: what was older is deleted.
feed-segments-rolled = <b>{ $topic }</b> began { $n ->
    [one] a new segment
   *[other] { $n } new segments
  }.
feed-topic-created = <b>{ $topic }</b> was created with { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }.
feed-topic-created-plain = <b>{ $topic }</b> was created.
feed-compacted = <b>{ $topic }</b> { $partition } was compacted: { $before } became { $after }.
feed-topic-deleted = <b>{ $topic }</b> was deleted.
feed-storage-fault = The store failed: { $detail }

## Topics
headline-topics = { $topics ->
    [0] There are no topics yet
    [one] One topic holds { $records } records
   *[other] { $topics } topics hold { $records } records
  }{ $own ->
    [0] .
    [one] ; one more is the broker’s own book.
   *[other] ; { $own } more are the broker’s own books.
  }
create-a-topic = Create a topic
col-name = Name
col-partitions = Partitions
col-records = Records
col-size = Size
col-segments = Segments
col-retention = Retention
col-cleanup = Cleanup policy
col-read-by = Read by
col-actions = Actions
add-partitions = Add partitions
delete = Delete
cancel = Cancel
close = Close
apply = Apply
topics-how = The small columns are records by partition: keys are not all equally busy, so partitions are not equally full.
topics-empty = A topic is a row of partitions, and each partition a log. Load the flights, or create a topic of your own.
read-by-nobody = nobody
own-offsets = committed offsets and group state
own-metadata = topics, settings, producer ids
own-events = in memory; this dashboard reads it
own-other = the broker’s own
kept-by-key = by key
kept-for = { $duration }
kept-for-ever = for ever
kept-unknown = –
delete-topic-head = Delete { $topic }?
delete-topic-what = { $records ->
    [one] 1 record
   *[other] { $records } records
  } in { $partitions ->
    [one] 1 partition
   *[other] { $partitions } partitions
  } will be gone{ $groups ->
    [0] .
    [one] , and with them the committed offsets of one group.
   *[other] , and with them the committed offsets of { $groups } groups.
  }{ $running ->
    [0] { "" }
    [one] { " " }One running consumer will get an unknown topic error.
   *[other] { " " }{ $running } running consumers will get an unknown topic error.
  }
delete-topic-button = Delete { $topic } and its { $records ->
    [one] 1 record
   *[other] { $records } records
  }
keep-it = Keep it
grow-head = Add partitions to { $topic }
grow-what = <b>{ $topic }</b> will have { $wanted } partitions instead of { $now }. Partitions cannot be taken away again, and some keys go elsewhere from then on.
grow-wrong = <b>{ $topic }</b> has { $now } partitions: the new number must be larger, and at most 1,000.
create-keep = Keep records for
create-unit = Unit of time
create-at-most = and at most
create-ack = An acknowledgement means
create-stored = Stored
unit-hours = hours
unit-days = days
unit-weeks = weeks
unit-ever = ever
size-any = any size
size-10mb = 10 MB a partition
size-100mb = 100 MB a partition
cleanup-delete = Delete the old
cleanup-compact = Keep the newest of each key
cleanup-both = Both
ack-choice-asked = What the producer asks
ack-choice-relaxed = Survives the tab
ack-choice-strict = Survives power loss
place-choice-indexeddb = In IndexedDB
place-choice-memory = In memory only
durability-not-set = tablog.durability not set
raw-partitions = partitions { $n }
create = Create
create-named = Create { $name }
create-sentence = <b>{ $name }</b> will have { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }, { $keep }. An acknowledgement means { $ack }. { $place }
create-note = Partitions can be added later, never taken away; adding sends some keys elsewhere from then on, since <b>hash mod { $now }</b> is not <b>hash mod { $next }</b>.
keep-for = keeping every record for { $duration }
keep-for-ever = keeping every record for ever
keep-by-key = keeping the newest record of each key
keep-by-key-for = keeping the newest of each key, and that for { $duration }
ack-as-asked = what the producer asks for
ack-relaxed = that it survives the tab
ack-strict = that it survives a loss of power
place-indexeddb = It is stored in this browser’s IndexedDB.
place-memory = It lives in memory and is gone when the worker ends.
topic-name-empty = 1 to 249 characters: letters, digits, dot, dash and underscore.
topic-name-space = A space cannot be in a topic’s name. A dash or a dot can.
topic-name-character = “{ $c }” cannot be in a topic’s name. Letters, digits, dot, dash and underscore can.
topic-name-dots = “.” and “..” cannot be names.
topic-name-long = { $n ->
    [one] One character
   *[other] { $n } characters
  } longer than the 249 allowed.
topic-name-taken = There is a topic “{ $name }” already.
topic-name-collides = Too like “{ $name }”: a dot and an underscore are one in the names of metrics.
topic-name-internal = Two underscores in front look like the broker’s own topics. It is allowed.
topic-name-free = This name is free.

## Topic
topic-unknown = There is no topic of this name.
state-topic = { $partitions ->
    [one] 1 partition
   *[other] { $partitions } partitions
  }, { $records ->
    [one] 1 record
   *[other] { $records } records
  } in { $size }. Kept: { $kept }.
import-a-file = Import a file
export-ndjson = Export NDJSON
exporting = { $n } records…
settings = Settings
the-tapes = The tapes
lag-of = Lag of
scale = Scale
scale-shared = One scale
scale-fill = Each fills its width
tapes-axis-shared = whole log, by offset; the strata are shares of keys
tapes-axis-fill = whole log, each tape stretched to its own length
tapes-newest = the newest { $n } records, by key
tapes-newest-short = newest { $n }
tapes-picture = { $topic }: { $partitions } tapes with log start, committed offsets and high watermark; { $records } records.
cell-no-key = no key, partition { $partition }, offset { $offset }
cell = { $key }, partition { $partition }, offset { $offset }
legend-log-start = log start
legend-committed = committed by { $group }
legend-committed-others = by other groups
legend-lag = lag: written, not yet read
legend-high-watermark = high watermark, where records arrive
legend-keys = one colour a key; a key never leaves its tape
partitions-fullest = The { $shown } fullest of { $all }.
records-head = Records
records-from = Start from
from-beginning = Beginning
from-newest = Newest
from-offset = Offset…
from-time = Time…
from-live = Live tail
from-offset-label = Offset, in every partition
from-time-label = Timestamp at or after (UTC)
read-from-here = Read
records-newest = The newest { $n } of { $all }.
records-from-here = { $n } records from here.
records-none = No records here.
tail-waiting = Live: waiting for the next record.
tail-live = Live: the newest { $n }.
tail-behind = Fell behind at { $time }: { $n } records arrived that are not in this list.
tail-go-on = Go on from the newest
col-topic = Topic
col-partition = Partition
col-offset = Offset
col-key = Key
col-value = Value
col-timestamp = Timestamp
col-line = Line
record-details = Record details
record-head = Partition { $partition }, offset { $offset }
record-hash = murmur2 mod { $n } = { $partition }
record-batch = { $first }–{ $last }, record { $place } of { $count }
no-key = no key
tombstone = Tombstone
tombstone-what = A tombstone: it has a key and no value. Compaction deletes the key for it.
tombstone-needs-key = A tombstone needs a key.
show-as = Show value as
view-json = JSON
view-text = Text
view-hex = Hex
header = Header
headers = Headers
batch = Batch
none = none
produce = Produce
produce-by-key = by key
produce-by-key-at = by key: { $p }
produce-hint-key = murmur2 of “{ $key }” is { $hash }, mod { $n } = partition { $p }.
produce-hint-sticky = Without a key, a whole batch goes to one partition, the next batch to another.
produce-hint-chosen = Goes to partition { $p }, whatever its key.
produced = { $n ->
    [one] Acknowledged: partition { $partition }, offset { $offset }.
   *[other] { $n } records acknowledged; the last in partition { $partition }, offset { $offset }.
  }
how-many = How many
col-setting = Setting
col-source = Source
settings-none = The settings have not been read yet.
setting-read-only = read-only
setting-default = default
setting-reset = Back to the default
import-choose = NDJSON, a JSON array, or CSV with a heading
import-is-csv = <b>{ $name }</b>, { $size }, { $n } records, CSV with a heading
import-is-ndjson = <b>{ $name }</b>, { $size }, { $n } records, JSON by lines
import-is-json = <b>{ $name }</b>, { $size }, { $n } records, a JSON array
import-too-large = The file is larger than the { $limit } that can be imported at once.
import-unreadable = { $name } could not be read as text.
import-neither = { $name } is neither JSON nor CSV with a heading.
import-key = Key column
import-no-key = (none: spread over partitions)
import-key-hint = Equal keys go to one partition.
import-preview = The first lines, and the partition that each would go to.
import-start = Import { $n ->
    [one] 1 record
   *[other] { $n } records
  }
import-stop = Stop here
import-ready = { $n } records can be imported.
import-running = { $done } of { $n } records are acknowledged.
import-stopped = Stopped: { $done } of { $n } records are acknowledged and stay.
import-done = All { $n } records are acknowledged.
import-note = What is acknowledged stays, also if you stop or close the tab. Importing the file again would write it again.
broken-line = <b>Line { $line } is broken:</b> { $why }
broken-not-json = it is not JSON.
broken-quote = a quotation mark is never closed.
broken-fields = it has { $has ->
    [one] one field
   *[other] { $has } fields
  }, the heading has { $heading }.
broken-rest = { $broken ->
    [one] One broken line is left out;
   *[other] { $broken } broken lines are left out;
  } the other { $n } records can be imported.

## Groups
headline-groups-quiet = { $running ->
    [0] { $groups ->
        [one] One group keeps its offsets; it has no members.
       *[other] { $groups } groups keep their offsets; none has members.
      }
    [one] One group is running and keeps up.
   *[other] { $running } groups are running and keep up.
  }
groups-empty-head = Nobody reads yet.
groups-empty-what = A group is consumers that share the partitions of a topic: each partition is read by one of them. Load the flights, or add a consumer.
groups-count = { $groups ->
    [one] 1 group
   *[other] { $groups } groups
  }, { $running } with members
col-group = Group
col-state = State
col-protocol = Protocol
col-members-own = Members and what each owns
col-behind-scale = Behind, on one scale
group-what-forming = Forming a generation of { $members ->
    [one] one member
   *[other] { $members } members
  }; nothing is read until it stands.
group-what-empty = No members. { $partitions ->
    [0] Nothing is committed.
    [one] One committed offset is kept.
   *[other] Its { $partitions } committed offsets are kept.
  }
group-what-generation = Generation { $n } since { $time }.
group-what-since = Unchanged since { $time }.
group-what-running = { $members ->
    [one] One member
   *[other] { $members } members
  }.
group-no-members = { $partitions ->
    [0] none
   *[other] none; offsets committed for { $partitions ->
        [one] 1 partition
       *[other] { $partitions } partitions
      }
  }
group-nothing-committed = nothing committed
group-would-read = what it would read if it came back
protocol-classic = classic
protocol-consumer = consumer (KIP-848)
delete-group = Delete group
delete-group-head = Delete { $group }?
delete-group-what = { $offsets ->
    [0] It has committed nothing.
    [one] Its committed offset of one partition will be gone.
   *[other] Its committed offsets of { $offsets } partitions will be gone.
  } A consumer that comes back begins where its auto.offset.reset says; no record is lost.{ $members ->
    [0] { "" }
    [one] { " " }One member is alive, and while it is the broker refuses.
   *[other] { " " }{ $members } members are alive, and while they are the broker refuses.
  }
delete-group-button = Delete { $group } and { $offsets ->
    [one] 1 offset
   *[other] { $offsets } offsets
  }
group-not-empty = The broker refused: <code>NON_EMPTY_GROUP</code>. <b>{ $group }</b> has members that are alive. Remove them, or wait until their sessions expire; then it can be deleted.
groups-where = Where each stands in its protocol
groups-how = A classic group stops everyone while it prepares and completes a generation. A consumer group (KIP-848) hands partitions over one by one and never stops as a whole. An <b>empty</b> group has no members but keeps its committed offsets for 7 days; a <b>dead</b> one has lost those too.
states-picture = { $groups ->
    [one] One group
   *[other] { $groups } groups
  }, each at its state.
legend-member = a member, above the partitions it owns
legend-lag-grows = lag
legend-kept = from the offsets kept to the end

## Group
group-unknown = There is no group of this name. A consumer that joins it makes it.
state-group = { $members ->
    [one] One member
   *[other] { $members } members
  }.
state-group-forming = Rebalancing: { $members ->
    [one] one member joins
   *[other] { $members } members join
  }, and nothing is read until the generation stands.
state-group-empty = No members. { $partitions ->
    [0] Nothing is committed.
    [one] One committed offset is kept.
   *[other] { $partitions } committed offsets are kept.
  }
state-generation-stopped = Generation { $generation }, by { $assignor }. Forming it stopped { $partitions ->
    [one] one partition
   *[other] all { $partitions } partitions
  } for { $duration }; { $moved ->
    [0] none moved.
    [one] one moved.
   *[other] { $moved } moved.
  }
state-generation = Generation { $generation }, by { $assignor }: { $members ->
    [one] one member owns
   *[other] { $members } members own
  } { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }; { $moved ->
    [0] none moved.
    [one] one moved.
   *[other] { $moved } moved.
  }
state-generation-unnumbered-stopped = By { $assignor }: { $members } members own { $partitions } partitions. The last rebalance took { $duration }; { $moved } moved.
state-generation-unnumbered = By { $assignor }: { $members ->
    [one] one member owns
   *[other] { $members } members own
  } { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }.
group-owns = Who owns what
generation = generation { $n }
generation-unnumbered = assignment { $n }
generation-earlier = Earlier generation
generation-later = Later generation
generations = Generations
generations-window = last 150 seconds
generations-picture = Timeline of { $n } generations of { $members } members: who owned what when, and how long each rebalance stopped consumption.
ownership-member = member
ownership-column = P{ $p }
ownership-picture = Ownership map: { $members } members, { $partitions } partitions.
ownership-shown = { $shown } of { $all } partitions are drawn; the table has them all.
ownership-picture-empty = Nobody owns anything.
generations-none = No generation has been seen here yet. One forms when members join.
moves-first = The first generation seen here. Nothing has moved yet.
moves-none = No partition changed hands.
moves-one-way = { $tiles } moved from <b>{ $from }</b> to <b>{ $to }</b>.
moves-several = { $tiles } changed hands: { $n } moves.
lane-expired = its session expired
lane-left = left
lane-stopped = stopped { $duration }
legend-stripes = reading, one stripe a partition
legend-stopped = stopped by a rebalance
group-offsets = Offsets
group-members = Members
offsets-count = { $n ->
    [one] 1 partition
   *[other] { $n } partitions
  }
behind-in-all = { $n } behind in all
members-empty = No members. Add a consumer, and it goes on from the committed offsets.
member-elsewhere = runs elsewhere
fact-state = State
fact-generation = Generation
fact-protocol = Protocol
fact-assignor = Assignor
fact-stopped = Last stop
freeze = Freeze
thaw = Thaw

## Consumer groups (KIP-848)
plain = { $text }
none-known = –
fact-group-epoch = Group epoch
fact-assignment-epoch = Assignment epoch
fact-session = Session timeout
fact-heartbeat = Heartbeat every
standing-done = as its target
standing-revoking = revoking { $revoking }
standing-waits = waits for { $awaited }
standing-both = revoking { $revoking }, waits for { $awaited }
member-static = static: { $instance }
member-rack = rack { $rack }
member-speaks-classic = speaks the classic protocol
member-speaks-consumer = speaks the consumer protocol
member-pattern = subscribes to the pattern { $pattern }
member-subscribes = subscribes to { $topics }
behind-in-all-nobody = { $n } behind in all; { $nobodys } of them on partitions that nobody reads now
group-owns-and-target = Who owns what, and who is to own it
epoch = epoch { $n }
epoch-earlier = Earlier epoch
epoch-later = Later epoch
epochs = Epochs
epochs-window = last 60 seconds
epochs-none = No epoch has been seen here yet. One begins when members join.
epochs-picture = Timeline of { $n } epochs of { $members } members: who read which partition when. Only what moves stands still.
epoch-joins = { $client } joins
epoch-leaves = { $client } leaves
epoch-expires = { $client } expired
lane-handed = { $partition } came, { $duration } after it was let go
lane-held = { $partition } has stood still for { $duration }
legend-handed = standing still while handed over: that partition only
legend-target = where the target assignment wants it
ownership-picture-target = Ownership map: { $members } members, { $partitions } partitions, { $awaited ->
    [0] all where the target assignment wants them
    [one] one on its way to where the target assignment wants it
   *[other] { $awaited } on their way to where the target assignment wants them
  }.
caption-target-reached = Corners mark the target assignment. Every partition is where it is to be.
caption-target-moved = Corners mark the target assignment, and every partition is where it is to be. { $tiles } moved in this epoch; all others were read meanwhile.
caption-target-held = Corners mark the target assignment. { $tiles } { $n ->
    [one] is
   *[other] are
  } to be <b>{ $heir }</b>’s; nobody reads { $n ->
    [one] it
   *[other] them
  } until <b>{ $holder }</b> has let go. All others are read meanwhile.
caption-target-awaited = Corners mark the target assignment. { $tiles } { $n ->
    [one] is
   *[other] are
  } on the way to <b>{ $heir }</b>. All others are read meanwhile.
state-epoch-assigning = Epoch { $epoch }: the coordinator is deciding who is to own what.
state-epoch = Epoch { $epoch }, by { $assignor }.{ $cause } { $members ->
    [one] One member owns
   *[other] { $members } members own
  } { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }; { $moved ->
    [0] none moved.
    [one] one moved.
   *[other] { $moved } moved.
  }
state-epoch-held = Epoch { $epoch }, by { $assignor }.{ $cause } { $tiles } { $n ->
    [one] is
   *[other] are
  } not yet let go by { $holder }.
state-epoch-awaited = Epoch { $epoch }, by { $assignor }.{ $cause } { $tiles } { $n ->
    [one] is
   *[other] are
  } on the way to { $heir }.
cause-joined = { " " }{ $client } joined.
cause-left = { " " }{ $client } left.
cause-expired = { " " }{ $client }’s session expired.
headline-reconciling = { $group } hands over { $n ->
    [one] one partition; all others are
   *[other] { $n } partitions; all others are
  } read meanwhile.
group-what-epoch = Epoch { $n }.
group-what-epoch-since = Epoch { $n } since { $time }.
group-what-assigning = Epoch { $n }: who is to own what is being decided.
group-what-held = Epoch { $n }. { $holder } hands over { $tiles }; all others are read meanwhile.
group-what-awaited = Epoch { $n }. { $tiles } { $count ->
    [one] is
   *[other] are
  } on the way to { $heir }; all others are read meanwhile.
group-sub-epoch = epoch { $epoch } · { $assignor } · { $state }
legend-gone = being handed over, or owned by nobody
feed-epoch-joined = <b>{ $client }</b> joined <b>{ $group }</b>: epoch { $epoch }, { $assignor } will give it { $tiles }.
feed-epoch = <b>{ $group }</b> began epoch { $epoch } by { $assignor }: { $members ->
    [one] one member
   *[other] { $members } members
  }.
feed-epoch-empty = <b>{ $group }</b> began epoch { $epoch }, without members.
feed-revoking = <b>{ $client }</b> is to let go of { $tiles } for <b>{ $group }</b>; it reads the rest on.
feed-upgraded = <b>{ $group }</b> went over to the consumer protocol (KIP-848), with its members.
feed-downgraded = <b>{ $group }</b> went back to the classic protocol, with its members.

## Offsets of a group, changed
reset-offsets = Reset offsets
reset-what = Moves where the group goes on reading. No record is changed or lost.
reset-go-on = Go on from
reset-earliest = Earliest
reset-latest = Latest
reset-time = A time
reset-offset = An offset
reset-shift = Shift
reset-group = From another group
reset-earliest-what = the log start
reset-latest-what = new records only
reset-time-what = the first record since
reset-offset-what = the same in each
reset-shift-what = back or forward
reset-group-what = copies its commits
reset-date = Date
reset-clock = Time (UTC)
reset-records = Records
reset-shift-how = Minus reads them again, plus skips them.
reset-time-how = The first record of that time or later, by the records’ own timestamps.
reset-topics = Topic
reset-all-topics = All { $n } topics
reset-partitions = Partitions
reset-axis = the whole log, by offset
reset-now = Now
reset-after = After
reset-change = Change
reset-preview = Preview
reset-picture = { $n } tapes with the committed offset now and after the reset.
reset-from-to = { $now } → { $after }
reset-again = { $n } read again
reset-skipped = { $n } skipped
reset-stays = stays
reset-begins = begins there
reset-unknown = not known yet
reset-nothing-to-shift = left out: no commit to shift
reset-nothing-to-copy = left out: no commit to copy
legend-now = committed now
legend-after = after
legend-to-be-read = to be read after the reset
legend-skipped = skipped, never read by this group
reset-sentence = <b>{ $group }</b> has no members now. It will read { $again ->
    [one] 1 record
   *[other] { $again } records
  } again and skip { $skipped }.{ $clamped }{ $since }{ $left }
reset-clamped = { " " }{ $n ->
    [one] One offset lies outside its log and is brought to its nearest end.
   *[other] { $n } offsets lie outside their logs and are brought to their nearest ends.
  }
reset-none-since = { " " }{ $n ->
    [one] One partition has no record that new: it goes on from its end.
   *[other] { $n } partitions have no record that new: they go on from their ends.
  }
reset-left-out = { " " }{ $n ->
    [one] One partition is left as it is.
   *[other] { $n } partitions are left as they are.
  }
reset-refused = Refused while the group has members. { $members } { $n ->
    [one] is reading, and its next commit would write over these offsets. Remove it, or stop it, and the reset can be made.
   *[other] are reading, and their next commits would write over these offsets. Remove them, or stop them, and the reset can be made.
  }
names-one = <b>{ $a }</b>
names-two = <b>{ $a }</b> and <b>{ $b }</b>
names-three = <b>{ $a }</b>, <b>{ $b }</b> and <b>{ $c }</b>
names-more = <b>{ $a }</b>, <b>{ $b }</b> and { $more } more members
reset-wrong-time = Choose a day and a time.
reset-wrong-offset = An offset is a whole number, 0 or more.
reset-wrong-shift = A shift is a whole number of records, with a minus to go back.
reset-wrong-group = No other group has committed anything for these partitions.
reset-wrong-nothing = No partition is chosen.
reset-nothing-left = Nothing can be set: every chosen partition would be left as it is.
reset-asking = Asking the broker which records are of that time…
reset-remove = Remove { $n ->
    [one] the member
    [2] the two members
    [3] the three members
   *[other] the { $n } members
  }
reset-apply = Reset { $n ->
    [one] 1 offset
   *[other] { $n } offsets
  }
reset-leave = Leave as it is
reset-done = { $n ->
    [one] One offset was set.
   *[other] { $n } offsets were set.
  }
offsets-partly = { $done } done. Refused: <code>{ $refused }</code>.
offsets-joined = Refused: a member has joined the group meanwhile (<code>{ $refused }</code>).
delete-offsets = Delete offsets
delete-offsets-what = The group forgets where it stood. A consumer that comes back begins there where its auto.offset.reset says; no record is lost.
delete-offsets-all = All { $n } partitions
delete-offsets-sentence = <b>{ $group }</b> will forget its committed { $n ->
    [one] offset
   *[other] { $n } offsets
  } in <b>{ $topic }</b>. Once forgotten, an offset cannot be brought back.
delete-offsets-refused = Refused while members subscribe to <b>{ $topic }</b>: the broker answers <code>GROUP_SUBSCRIBED_TO_TOPIC</code>. Remove { $members }, or let them subscribe to something else.
delete-offsets-button = Delete { $n ->
    [one] 1 offset
   *[other] { $n } offsets
  }
delete-offsets-done = { $n ->
    [one] One offset was forgotten.
   *[other] { $n } offsets were forgotten.
  }
remove-member = Remove member
remove-member-done = <b>{ $member }</b> was made to leave. If it still runs, it joins again by itself.
remove-member-failed = <b>{ $member }</b> could not be made to leave: { $why }

## Clients
headline-clients-none = No clients run in this tab.
headline-clients = { $producers ->
    [0] No producer
    [one] One producer
   *[other] { $producers } producers
  } and { $consumers ->
    [0] no consumer run
    [one] one consumer run
   *[other] { $consumers } consumers run
  } in this tab.{ $frozen ->
    [0] { "" }
    [one] { " " }One is frozen.
   *[other] { " " }{ $frozen } are frozen.
  }
consumers = Consumers
col-client-id = Client ID
col-writes-to = Writes to
col-rate = Records a second
col-linger = Linger
col-batch = Batch
col-compression = Compression
col-acks = Acks
col-behind = Behind
col-processing = Processing time
col-session = Heartbeat and session
key-choice-origin = origin
key-choice-random = random
key-choice-one = one key
key-choice-none = none
pause = Pause
paused = paused
go-on = Go on
remove = Remove
frozen = frozen
heartbeat-ago = last heartbeat { $duration } ago
heartbeat-none = no heartbeat yet
session-expired = session expired
session-timeout = Session timeout
producers-empty = None. A producer writes to a topic at a rate, by a key.
consumers-empty = None. Consumers of one group share its partitions.
frozen-how = A frozen consumer keeps its partitions and reads nothing. When the bar has run empty its session expires, the group rebalances, and the others take over. That is what a crashed process looks like from outside.
rate-zero = 0: as fast as it goes
value-size = Value, in bytes
producer-no-topic = There is no topic to write to. Create one first.
producer-note = A real producer, in a worker of this tab. What it sends goes through the Kafka protocol like any other record.
consumer-note = A change of group, assignor or session timeout makes the consumer leave and join anew.

## A tab that is one member
open-consumer-tab = Open a consumer tab
membership-leave = Leave
membership-join-again = Join again
membership-see-the-group = See the group
membership-of = a member of <b>{ $group }</b>, reading <b>{ $topic }</b>
membership-owns = The partitions of this tab
membership-at = at { $n }
membership-behind = { $n } behind
membership-handing-over = handing over
membership-standing-still = standing still
membership-from = from { $name }
membership-to = → { $name }
membership-heartbeats = Heartbeats
membership-heartbeats-picture = { $n ->
    [one] One heartbeat
   *[other] { $n } heartbeats
  } of the last { $seconds } seconds; { $hidden } of them were sent while the tab was hidden.
membership-beat-epoch = { $ago } ago, epoch { $epoch }
membership-beat-generation = { $ago } ago, generation { $epoch }
membership-now = now
membership-joined-at = joined at { $time }
membership-hidden = this tab was hidden: its worker beat for it
membership-hidden-short = hidden
membership-records = Reads
membership-rate = { $rate }, { $n } behind
membership-was = { $n ->
    [one] one record while it was a member
   *[other] { $n } records while it was a member
  }
membership-no-records = Nothing has been read yet. Records appear here as this tab is given them.
membership-reads-nothing = Nothing is read here now. Join again, and the group gives this tab its share.
membership-title = { $owned } · { $name } · { $group }
membership-title-bare = { $name } · { $group }
membership-more = and { $n } more
membership-joins = Joining the group.
membership-joins-again = The group went on without this tab. It joins again.
membership-left-nothing = Left the group. It owned nothing.
membership-left-to = Left the group. { $name } goes on with { $tiles } from where this tab stopped.
membership-left-others = Left the group. The others go on with { $tiles } from where this tab stopped.
membership-left-alone = Left the group. Nobody reads { $tiles } now.
membership-hands-over = Hands { $tiles } over to { $name }. Only that stands still, until its last batch is done.
membership-hands-over-several = Hands { $tiles } over. Only that stands still, until its last batch is done.
membership-stands-still = The group shares its partitions out anew. Nothing of { $tiles } is read until every member has its part.
membership-waits-for = Reads { $n } of { $all } partitions. { $name } still has { $tiles }, and lets go after its last batch.
membership-waits = Reads { $n } of { $all } partitions. The others still have { $tiles }, and let go after their last batch.
membership-changed = { $came } came and { $left } went: the group shared its partitions out anew.
membership-joined-alone = Joined, and reads all { $all } partitions: there is nobody to share them with.
membership-joined-from = Joined just now. { $tiles } came from { $name }.
membership-joined = Joined just now, and was given { $tiles }.
membership-came-left = { $name } left, so { $tiles } came here. Reads { $n } of { $all } partitions.
membership-came-from = { $tiles } came from { $name }. Reads { $n } of { $all } partitions.
membership-came = Was given { $tiles }. Reads { $n } of { $all } partitions.
membership-went-joined = Reads { $n } of { $all } partitions. { $name } joined, so { $tiles } went there.
membership-went-to = Reads { $n } of { $all } partitions. { $tiles } went to { $name }.
membership-went = Reads { $n } of { $all } partitions. { $tiles } went to the others.
membership-idle = Reads nothing: { $members } members share { $all } partitions, and none is left for this tab.
membership-one-each = Reads { $n } of { $all } partitions: one to each member.
membership-reads = { $n ->
    [0] Reads none of { $all } partitions at the moment.
   *[other] Reads { $n } of { $all } partitions.
  }
consumer-head = This address opens no consumer tab
consumer-way = It reads like this: <code>/consumer?topic=flights&group=tabs</code>. If wanted, with <code>protocol=classic</code>, <code>assignor</code>, <code>session.timeout.ms</code> and <code>name</code>.
consumer-missing = It does not say which <code>{ $name }</code>.
consumer-twice = It says <code>{ $name }</code> twice.
consumer-unknown = It says <code>{ $name }</code>, which means nothing here.
consumer-illegal = <code>{ $name }={ $value }</code> cannot be: { $why }
consumer-why-topic = no topic can have that name. It may have letters, digits, dots, underscores and hyphens, 249 of them at most.
consumer-why-group = a group’s name has 1 to 255 characters.
consumer-why-protocol = there are <code>classic</code> and <code>consumer</code>.
consumer-why-session = it takes a whole number of milliseconds above 0.
consumer-why-name = a member’s name may have letters, digits, dots, underscores and hyphens, 64 of them at most.
consumer-assignor = <code>assignor={ $assignor }</code> cannot be: with the { $protocol } protocol there are { $known }.
consumer-no-topic = Topic <b>{ $name }</b> does not exist, so there is nothing to be a member for. As soon as it is there, this tab joins.
consumer-to-groups = See the groups
membership-group-protocol = Protocol

## Storage
headline-storage-unknown = { $size } in this browser; it does not say how much it allows.
headline-storage-kept = { $used } of the { $quota } this browser allows. It will not be evicted.
headline-storage-evictable = { $used } of the { $quota } this browser allows. It may still be evicted.
ask-to-keep = Ask the browser to keep it
room-head = What takes the room
room-empty = Nothing yet.
room-by-partition = by partition
room-own = the broker’s own
room-used = { $used } used
room-quota = quota { $quota }
room-picture = { $size }, by partition.
ack-head = What an acknowledgement means here
col-when = When the answer comes
col-survives = What survives
acks-0-when = at once, unasked
acks-0-survives = nothing is promised
acks-1-when = a relaxed transaction completed
acks-1-survives = closing or crashing the tab
acks-all-when = a strict transaction completed
acks-all-survives = losing power, as far as the disk is honest
commits-head = How long commits take
commits-what = { $rate } commits a second; half take { $p50 } ms or less, 99 of 100 at most { $p99 } ms.
commits-none = No commit was heard of yet.
delete-everything = Delete everything
delete-everything-what = All topics, groups and offsets in this browser, in all its tabs. There is no copy elsewhere.
delete-records-ask = Delete { $n ->
    [one] 1 record…
   *[other] { $n } records…
  }
delete-all-head = Delete everything?
delete-all-what = { $topics ->
    [0] All topics
    [one] One topic
   *[other] { $topics } topics
  } with { $records } records, all groups and their offsets will be gone, in all tabs of this browser. There is no copy elsewhere.
delete-all-button = Delete { $records ->
    [0] the store
    [one] 1 record
   *[other] { $records } records
  }

## What was refused
refused = The broker refused: <code>{ $code }</code>. { $detail }
no-broker = The broker cannot be reached at the moment.
not-delivered = Not acknowledged: { $detail }
not-read = It could not be read: { $detail }
not-deleted = The store could not be deleted: { $detail }

## The lab: steps, and what cannot be
lab-step-start = start: { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
  }, { $consumers ->
    [0] no consumer
    [one] one consumer
   *[other] { $consumers } consumers
  }
lab-step-join = { $member } joins
lab-step-leave = { $member } leaves
lab-step-crash = { $member } crashes
lab-step-grow = { $n ->
    [one] one partition is added
   *[other] { $n } partitions are added
  }
lab-step-grow-topic = { $n ->
    [one] one partition is added to { $topic }
   *[other] { $n } partitions are added to { $topic }
  }
lab-step-topic = topic { $topic } is made, { $n ->
    [one] one partition
   *[other] { $n } partitions
  }
lab-step-reads = { $member } reads { $topics }
lab-step-reads-all = { $member } reads all topics
lab-step-reads-nothing = { $member } reads nothing
lab-no-name = “{ $name }” cannot be a name here: up to { $most } letters, digits, dots, underscores and hyphens, beginning with a letter or a digit.
lab-no-topic = There has to be a topic.
lab-unknown-topic = There is no topic { $name }.
lab-unknown-member = There is no consumer { $name } at this point.
lab-topic-twice = There is a topic { $name } already.
lab-member-twice = There is a consumer { $name } already.
lab-no-partition = Topic { $name } needs at least one partition.
lab-not-more = Topic { $name } has that many partitions already; Kafka only ever adds some.
lab-too-many-partitions = The lab takes { $most } partitions at most, in all its topics.
lab-too-many-members = The lab takes { $most } consumers at most.
lab-too-many-topics = The lab takes { $most } topics at most.
lab-too-many-racks = A topic of the lab stands in { $most } racks at most.
lab-too-many-steps = The lab takes { $most } steps at most.

## The lab: why an assignment is as it is
lab-why-nobody = Nobody is in the group: no partition has an owner.
lab-why-untouched = This step is no reason to rebalance: all stays as it was.
lab-why-range-even = Cuts the list into equal runs: { $partitions } over { $members } { $members ->
    [one] member
   *[other] members
  } is { $each } each.
lab-why-range-more = { $partitions } over { $members } is { $each } each, and the first { $partitions } mod { $members } = { $extra } get one more: that is why { $extra ->
    [1] { $first } has { $more }.
    [2] { $first } and { $last } have { $more }.
   *[other] { $first } to { $last } have { $more }.
  }
lab-why-range-few = There are fewer partitions than members: { $extra ->
    [1] the first, { $first }, gets one, the others none.
   *[other] the first { $extra }, to { $last }, get one each, the others none.
  }
lab-why-range-topics-even = Cuts each topic by itself, and each into equal runs.
lab-why-range-topics-more = { $partitions } over { $members } is { $each } each, and the first { $partitions } mod { $members } = { $extra } get one more, for every topic: that is why { $first } has { $most } and { $last } { $least }.
lab-why-range-topics = Cuts each topic by itself, and what is left over of each goes to the first members: that is why { $first } has { $most } and { $last } { $least }.
lab-why-range-readers = Cuts each topic by itself, among those who read it: { $rich } has { $most }, { $poor } { $least }.
lab-why-range-racks = Gives each member what has a replica in its own rack first, and then cuts runs as ever: { $near } of { $partitions } are read in the rack where they lie.
lab-why-range-shifts = The cuts shift: of { $moved } that moved, { $taken } had an owner who could have kept { $taken ->
    [1] it.
   *[other] them.
  }
lab-why-range-orphans = Only what nobody could keep has moved.
lab-why-broker-shifts = The broker cuts anew: of { $moved } that moved, { $taken } had an owner who could have kept { $taken ->
    [1] it.
   *[other] them.
  } Only what moves waits.
lab-why-broker-orphans = Only what nobody could keep has moved, and only that waits.
lab-why-still = Nothing moved.
lab-why-deal-even = Deals the partitions one by one, as cards: { $each } to each.
lab-why-deal-more = Deals the partitions one by one, as cards: { $each } to each, and { $extra ->
    [1] { $first } is dealt one more.
    [2] { $first } and { $last } are dealt one more.
   *[other] { $first } to { $last } are dealt one more.
  }
lab-why-deal-readers = Deals the partitions one by one, as cards, and passes over whoever does not read the topic: { $rich } has { $most }, { $poor } { $least }.
lab-why-deal-again = The deal begins anew: { $kept ->
    [0] not one of { $had } stayed.
    [one] 1 of { $had } stayed.
   *[other] { $kept } of { $had } stayed.
  }
lab-why-sticky-fresh = Nothing to keep yet, so each partition goes to whoever has fewest.
lab-why-sticky-fresh-deal = Nothing to keep yet, so each partition goes to whoever has fewest: it looks like roundrobin.
lab-why-sticky-keeps = Keeps what each member has: nothing moves. Everyone stops all the same.
lab-why-sticky-free = Keeps what each member has, and gives the { $free } without an owner to whoever has fewest. Everyone stops while it does.
lab-why-sticky-taken = Keeps what it can: { $taken ->
    [1] 1 partition changes
   *[other] { $taken } partitions change
  } hands, so that it is even. Everyone stops while it does.
lab-why-sticky-both = Keeps what it can: { $free } had no owner, and { $taken } more { $taken ->
    [1] changes
   *[other] change
  } hands. Everyone stops while it does.
lab-why-cooperative-same = The same answer as sticky, but members go on reading what they keep: { $paused ->
    [0] nothing waits.
    [1] only 1 waits.
   *[other] only { $paused } wait.
  }
lab-why-cooperative-own = Keeps what it can, and members go on reading what they keep: { $paused ->
    [0] nothing waits.
    [1] only 1 waits.
   *[other] only { $paused } wait.
  }
lab-why-cooperative-twice = What goes from one member to another is let go of first, and given out in a second rebalance.
lab-why-uniform-even = The broker gives every member its share of { $each }.
lab-why-uniform-more = The broker gives every member its share: { $extra } { $extra ->
    [1] has
   *[other] have
  } { $more }, the others { $each }.
lab-why-uniform-readers = The broker makes it as even as it can among those who read each topic: { $rich } has { $most }, { $poor } { $least }.
lab-why-uniform-keeps = The broker leaves what has an owner where it is; nobody stops.
lab-why-uniform-moves = The broker leaves { $kept } of { $had } where they are. Only what moves waits, and nobody else stops.

## The lab: an address that cannot be read
lab-address-long = The address is too long for a situation of the lab.
lab-address-escapes = What follows a percent sign in the address is not text.
lab-address-no-version = The address does not say of which version it is: <code>v=1</code> is missing.
lab-address-newer = The address is of version { $found }; this lab reads version { $ours }. A newer Tablog wrote it.
lab-address-version = “{ $found }” is no version that this lab reads; it reads version { $ours }.
lab-address-missing = The address does not name any <code>{ $name }</code>.
lab-address-unknown = The lab does not know what <code>{ $name }</code> in the address means.
lab-address-twice = The address says <code>{ $name }</code> twice.
lab-address-piece = “{ $piece }” in <code>{ $name }</code> cannot be read.
lab-address-step = Step { $number } cannot be done. { $why }
lab-address-beyond = The address stands at step “{ $at }”, which it does not have.

## The lab: run for real
lab-run = Run it for real
lab-run-stop = Stop
lab-run-head = The same step, run for real
lab-run-idle = Real members of the broker in this tab, against topics of their own with a producer: the history is played once for each protocol, and what it made is removed.
lab-run-caption = Real members, the broker of this tab, topics of their own with a record in every partition each { $interval } ms; one protocol after the other, removed when done. In all three <code>heartbeat.interval.ms={ $heartbeat }</code>, <code>session.timeout.ms={ $session }</code>.
lab-run-measured = A partition stands still from the last record read of it before its owner gave it up, left or crashed, to the next record read of it by whomever. The figures are those of one run: the next one differs by milliseconds.
lab-run-way = { $protocol } with
lab-run-forming = { $protocol }: the group forms…
lab-run-playing = { $protocol }: { $step }…
lab-run-removing = Removing what was made…
lab-run-stopped = Stopped, and what was made is removed.
lab-run-another = Another tab runs it for real just now. One at a time, so that the figures are worth something.
lab-run-not-removed = Not everything that the run made could be removed: { $detail }. The next run removes it first.
lab-run-too-many-members = A real run takes at most { $most } consumers at a time: this tab has to play them all.
lab-run-too-many-partitions = A real run takes at most { $most } partitions: this tab has to write and read them all.
lab-run-too-many-steps = A real run takes at most { $most } steps.
lab-run-no-member = Nobody reads: add a consumer first.
lab-run-steps = Step
lab-run-start = Start
lab-run-stood = Stood still
lab-run-longest = Longest
lab-run-sum = In all
lab-run-of = of { $n }
lab-run-ms = ms
lab-run-partition-seconds = partition-seconds
lab-run-unsettled = Not settled within its time: what is missing stands still or belongs to nobody. { $detail }
lab-run-kept = Partitions that kept their owner: at most { $ms } ms between two records.
lab-run-racks = The broker of a tab stands in no rack: members send their <code>client.rack</code>, and it changes nothing here.
lab-run-not-yet = Its turn comes.
lab-run-none = This step was not played.
lab-run-picture = { $protocol }: { $n } of { $of } partitions stood still, the longest { $longest } ms, { $sum } partition-seconds in all
lab-run-numbers = The same in numbers
lab-run-requests = Requests
lab-run-before = Before
lab-run-after = After
lab-run-member-left = leaves at { $ms } ms
lab-run-member-crashed = crashes at { $ms } ms
lab-run-still = Stood still, ms
lab-run-error = { $count } answered { $codes }
lab-run-legend-request = request to answer: J JoinGroup, S SyncGroup, L LeaveGroup, C ConsumerGroupHeartbeat, H Heartbeat that brings news
lab-run-legend-beat = heartbeat
lab-run-legend-stripes = partitions that a member reads
lab-run-legend-still = standing still
lab-run-legend-nobody = of a member that is gone, not read

## The lab: the page
lab-headline = { $partitions }, { $consumers }.
lab-headline-topics = { $partitions } in { $topics } topics, { $consumers }.
lab-headline-then = { $before } Then { $step }.
lab-n-partitions = { $n ->
    [1] One partition
    [2] Two partitions
    [3] Three partitions
    [4] Four partitions
    [5] Five partitions
    [6] Six partitions
    [7] Seven partitions
    [8] Eight partitions
    [9] Nine partitions
    [10] Ten partitions
    [11] Eleven partitions
    [12] Twelve partitions
   *[other] { $n } partitions
  }
lab-n-consumers = { $n ->
    [0] no consumer
    [1] one consumer
    [2] two consumers
    [3] three consumers
    [4] four consumers
    [5] five consumers
    [6] six consumers
    [7] seven consumers
    [8] eight consumers
    [9] nine consumers
    [10] ten consumers
    [11] eleven consumers
    [12] twelve consumers
   *[other] { $n } consumers
  }
lab-copy = Copy the address
lab-copied = The address of this situation is copied.
lab-not-copied = The browser did not let the page copy; the address is the one that the browser shows.
lab-steps = Steps
lab-through = Go through the steps
lab-back = ‹ Back
lab-forward = Forward ›
lab-begin-here = Begin here
lab-no-step = Nothing has happened yet. Remove a consumer, let it crash, add one or add a partition: each is a step, and every assignor answers it.
lab-crash-what = { $member } says nothing more. Until its session timeout is over (<code>session.timeout.ms</code>, 45 seconds unless set otherwise) its partitions are read by nobody; what is shown is assigned then.
lab-static-leaves = { $member } is static: if it only comes back within its session timeout, nothing is assigned anew. What is shown is what happens when it is gone for longer, or when an admin removes it.
lab-situation = The situation
lab-partitions = Partitions
lab-consumers = Consumers
lab-member = Member
lab-crash = Crash
lab-remove = Remove
lab-left = left
lab-add-partition = Add partition
lab-more = Several topics, racks, static members…
lab-how-edit = A number typed begins anew; a button is a step. A consumer dragged onto the columns leaves.
lab-nobody = Nobody. Add a consumer.
lab-drop = Drop here: it leaves
lab-columns = Assignors
lab-order = Members stand in the order of their ids, as Kafka compares them: { $first } comes before { $second }.
lab-client-side = client side
lab-kip-848 = KIP-848
lab-moved = Moved
lab-spread = Spread
lab-paused = Paused
lab-rebalances = Rebalances
lab-assignor = Assignor
lab-comparison = Side by side
lab-how-counted = <b>Moved</b>: had an owner before and another after. <b>Spread</b>: the most partitions of a member less the fewest. <b>Paused</b>: had an owner and was for a while read by nobody. <b>Rebalances</b>: cooperative members join again to take what others let go of, and what is shown is what they have then; of the KIP-848 assignors, new target assignments.
lab-several = Several topics, racks, static members
lab-several-how = Tick who reads what, or drag a topic onto a consumer. What happens is a step; numbers, racks and static members begin anew.
lab-racks = Racks of its replicas
lab-rack = Rack
lab-static = Static
lab-subscriptions = Subscriptions
lab-add-topic = Add topic
lab-remove-topic = Remove topic
lab-topic-name = Name of the new topic
lab-partitions-of = Partitions of { $topic }
lab-racks-of = Racks of the replicas of { $topic }
lab-reads = { $member } reads { $topic }
lab-rack-of = Rack of { $member }
lab-static-of = { $member } is static
lab-unreadable = This address is no situation that the lab can read.
lab-unreadable-way = Nothing was changed. The address may have been cut on its way; ask for it again, or begin with an empty lab.
lab-open-empty = Open an empty lab
lab-open-example = Open the example
