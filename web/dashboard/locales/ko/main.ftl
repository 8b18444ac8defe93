# 대시보드의 말. 문장 하나가 템플릿 하나다. <b>와 <code>는 템플릿의 것이고 인수는 표시로 읽히지 않는다.

nothing = { "" }
number = { $n }
records = { $n }건

## Quantities
size-b = { $n } B
size-kb = { $n } kB
size-mb = { $n } MB
size-gb = { $n } GB
rate = { $n }건/초
duration-ms = { $n } ms
duration-ms-exact = { $n } ms
duration-s = { $n }초
duration-min = { $n }분
duration-h = { $n }시간
duration-d = { $n }일
unit-records-a-second = 건/초
unit-records = 건
unit-ms = ms
ago = { $duration } 전
times = { $n }번
and-more = 그 밖에 { $n }개
rows-shown = { $all }개 중 { $shown }개를 보입니다.
as-of = { $time } 기준

## The running head
skip = 본문으로 건너뛰기
nav = 페이지
nav-overview = 개요
nav-topics = 토픽
nav-groups = 그룹
nav-clients = 클라이언트
nav-storage = 저장소
nav-lab = 실험실
language = 언어
theme = 테마
theme-system = 시스템
theme-light = 밝게
theme-dark = 어둡게
where-worker = 이 브라우저의 워커에서 실행 중
where-tabs = 탭 { $n }개 연결됨
where-commit = 커밋 { $ms } ms
where-starting = 브로커가 시작하는 중
where-lost = 브로커가 응답하지 않아 다시 찾는 중
where-stale = { $time } 이후 응답 없음
where-full = 이 브라우저의 워커, 저장소가 가득 참
where-broken = 브로커가 시작하지 못함: 저장소를 열 수 없음
where-no-shared-worker = 브로커 없음: 이 브라우저에는 공유 워커가 없음
not-found = 그런 페이지는 없습니다.
not-found-way = 위에 있는 페이지가 전부입니다.

## States
opening = 로그를 여는 중입니다.
opening-what = 브로커는 시작할 때마다 마지막 체크포인트부터 각 로그를 읽습니다.
no-shared-worker = 이 브라우저에서는 브로커를 실행할 수 없습니다.
no-shared-worker-way = 브로커는 SharedWorker 안에서 실행되는데 이 브라우저에는 없습니다. 컴퓨터의 Firefox, Safari, Chrome에는 있습니다.
broken-head = 저장소를 열 수 없습니다.
broken-what = 브라우저가 브로커의 데이터베이스를 열지 못했습니다: <code>{ $detail }</code>. 브로커가 시작하지 못해, 이 페이지에서는 아무것도 쓰거나 읽을 수 없습니다.
broken-safe = 응답받은 레코드는 디스크에 남아 있을 가능성이 큽니다. 먼저 다시 시도하고, 그래도 안 되면 지우기 전에 내려받아 두세요.
not-allowed-what = 이 브라우저는 이 사이트가 저장하거나 공유 워커를 실행하는 것을 막고 있습니다: <code>{ $detail }</code>. 브로커에는 둘 다 필요합니다.
not-allowed-way = 이 사이트의 사이트 데이터(쿠키)를 허용하거나 이를 막는 창에서 나온 뒤 다시 시도하세요. 전에 저장한 것은 그대로입니다.
newer-format-what = 이 저장소는 이 페이지보다 새로운 버전의 Tablog가 썼습니다: <code>{ $detail }</code>.
newer-format-way = 페이지를 새로 고쳐 그 버전을 받으세요. 바뀐 것은 없습니다. 새 버전이 없다면 지우기 전에 내려받아 두세요.
busy-what = 이 사이트의 다른 페이지가 저장소를 열고 있거나, 삭제하거나 업그레이드하고 있습니다: <code>{ $detail }</code>.
busy-way = 그 페이지를 닫으세요. 저장소가 풀리면 이 페이지는 저절로 이어집니다. 기다린다고 응답받은 레코드를 잃지는 않습니다.
deleted-head = 저장소가 삭제되었습니다.
deleted-what = 이 사이트의 다른 페이지나 브라우저 설정이 사용 중인 브로커의 데이터베이스를 삭제했습니다: <code>{ $detail }</code>. 그 안에 있던 것은 모든 탭에서 사라졌습니다.
deleted-way = 다시 시도하면 빈 저장소로 시작합니다.
damaged-head = 저장소가 손상되었습니다.
damaged-what = 브로커의 데이터베이스에 있는 값이 쓰인 것과 다릅니다: <code>{ $detail }</code>. 브로커는 그 뒤를 읽지 않고 멈췄습니다.
damaged-way = 먼저 저장소를 내려받으세요. 나머지는 모두 읽을 수 있습니다. 그다음 지우고 새로 시작하세요.
broken-more-ways = 다른 방법
died-head = 이 페이지의 워커가 멈췄습니다.
died-what = 이 페이지 대신 읽고 쓰던 워커가 끝났습니다: <code>{ $detail }</code>. 응답받은 레코드는 저장되어 있습니다. 다시 시도하면 이 탭의 프로듀서와 컨슈머가 다시 시작합니다.
try-again = 다시 시도
try-again-what = 다른 탭이 쥐고 있거나 브라우저가 방금 깨어났다면 대개 이것으로 됩니다.
last-tried = 마지막 시도
tried = 시도
download-store = 저장소 그대로 내려받기
download-store-what = 읽을 수 있는 값을 모두 있는 그대로 파일 하나에 담습니다. 브로커 없이 됩니다.
delete-store = 지우고 새로 시작
delete-store-ask = 저장소 삭제…
store-full-head = 저장소가 가득 찼습니다. 쓰기는 거절되고, 읽기는 계속됩니다.
store-full-what = 브라우저가 자리를 더 주지 않습니다: <code>{ $detail }</code>. 프로듀서는 <code>KAFKA_STORAGE_ERROR</code>를 받고 다시 시도합니다. 응답받은 레코드는 하나도 잃지 않았습니다.
store-full-ways = 그룹은 계속 읽지만 커밋도 할 수 없습니다. 토픽의 보존을 줄이거나, 토픽을 지우거나, 브라우저에 보관을 요청해 자리가 나면 모두 저절로 이어집니다.

## Overview
load-the-flights = 항공편 불러오기
replay-the-flights = 항공편 재생
load-running = 항공편을 불러오는 중입니다. 레코드 20,000건을 보내고 있습니다.
load-done = 항공편 { $n }건이 저장되고 응답을 받았습니다. 누른 뒤 { $duration } 걸렸습니다. 기본값인 7일이면 2001년의 항공편은 바로 삭제되므로 기한 없이 보관합니다.
load-failed = 항공편을 불러오지 못했습니다: { $detail }
add-producer = 프로듀서 추가
add-consumer = 컨슈머 추가
remove-consumer = 컨슈머 제거
totals = 합계
total-written = 쓰기
total-read = 읽기
total-behind = 실행 중 그룹의 랙
total-stored = IndexedDB에 저장됨
total-commit = 커밋 중앙값
flowing-now = 지금 흐르는 것
what-happened = 일어난 일
overview-how = <b>읽는 법.</b> 두께는 초당 레코드 수입니다. 들어오는 레코드는 테이프 아래를 지나 오른쪽 끝인 하이 워터마크에 붙고, 읽히는 레코드는 그룹이 서 있는 자리에서 테이프 위로 나갑니다. 빗금 친 구간은 그룹이 아직 읽지 않은 부분입니다.
overview-picture = 토픽 { $topics }개, 그룹 { $groups }개, 아직 읽지 않은 레코드 { $lag }건.
skeleton-picture = 프로듀서, 파티션, 컨슈머가 나타날 자리.
empty-head = 아직 기록된 것이 없습니다.
empty-what = 브로커는 실행 중이고 로그는 비어 있습니다. 2001년의 실제 항공편 20,000건을 불러와, 출발 공항의 해시에 따라 여섯 파티션 중 하나에 놓이는 것을 지켜보세요.
empty-or = 또는 토픽을 직접 만들기
note-producer-1 = 프로듀서가
note-producer-2 = 쓰면, 키의
note-producer-3 = 해시가 길을
note-producer-4 = 고릅니다.
note-partition = 파티션마다 레코드의 순서를 지킵니다.
note-member-1 = 길 하나는 그룹의
note-member-2 = 멤버 하나가 읽습니다.
column-producers = 프로듀서
column-topics = 토픽
column-groups = 그룹
axis-newest = 최신
axis-behind = ← 뒤처진 레코드 수
axis-now = 지금
topic-sub = 파티션 { $partitions }개 · { $records }건
topic-sub-hidden = 파티션 { $partitions }개, { $hidden }개는 그리지 않음 · { $records }건
writers-others = 다른 클라이언트
writers-more = 그 밖에 { $n }개
key-origin = 키 = 출발 공항
key-random = 키 = 무작위
key-one = 키 하나
key-none = 키 없음
group-sub-generation = { $generation }세대 · { $assignor } · { $state }
group-sub = { $assignor } · { $state }
group-sub-forming = { $generation }세대를 만드는 중, { $duration } 멈춤
group-sub-forming-unnumbered = 리밸런스 중, { $duration } 멈춤
behind = { $n }건 밀림
nothing-behind = 0건 밀림
member-behind = { $n }건 밀림 · { $rate }
member-nothing-behind = 0건 밀림 · { $rate }
member-growing = 초당 { $n }건씩 늘어남
member-shrinking = 초당 { $n }건씩 줄어듦
member-reads = { $read }건/초 (유입 { $written })
member-reads-only = { $read }건/초 읽음
member-stopped = { $duration }째 멈춤
member-owns-nothing = 맡은 것 없음
member-left = 그룹을 떠남
member-expired = 만료됨
headline-forming = { $group }{ PARTICLE($group, "이/가") } 세대를 만드는 중이고, 끝날 때까지 아무것도 읽히지 않습니다.
headline-rebalancing = { $group }{ PARTICLE($group, "이/가") } 리밸런스 중이고, 파티션 { $partitions }개가 모두 멈춰 있습니다.
headline-rebalancing-joined = { $group }{ PARTICLE($group, "이/가") } 리밸런스 중입니다. { $client }{ PARTICLE($client, "이/가") } 들어와 파티션 { $partitions }개가 모두 멈췄습니다.
headline-rebalancing-left = { $group }{ PARTICLE($group, "이/가") } 리밸런스 중입니다. { $client }{ PARTICLE($client, "이/가") } 나가 파티션 { $partitions }개가 모두 멈췄습니다.
headline-rebalancing-expired = { $group }{ PARTICLE($group, "이/가") } 리밸런스 중입니다. { $client }의 세션이 만료되어 파티션 { $partitions }개가 모두 멈췄습니다.
headline-one-slow = { $group }{ PARTICLE($group, "은/는") } 잘 따라가고, { $client }만 { $n }건 밀려 있습니다.
headline-one-slow-growing = { $group }{ PARTICLE($group, "은/는") } 잘 따라가고, { $client }만 { $n }건 밀려 있으며 늘어납니다.
headline-one-slow-shrinking = { $group }{ PARTICLE($group, "은/는") } 잘 따라가고, { $client }만 { $n }건 밀려 있지만 줄어듭니다.
headline-behind = { $group }{ PARTICLE($group, "이/가") } { $n }건 밀려 있습니다.
headline-behind-growing = { $group }{ PARTICLE($group, "이/가") } { $n }건 밀려 있고 계속 늘어납니다.
headline-behind-shrinking = { $group }{ PARTICLE($group, "이/가") } { $n }건 밀려 있지만 줄어듭니다.
headline-keeps-up = { $rate } 속도로 쓰이고, 모든 그룹이 잘 따라갑니다.
headline-nobody-reads = { $rate } 속도로 쓰이지만 읽는 그룹이 없습니다.
headline-quiet = 조용합니다. 레코드 { $records }건을 모두 읽었습니다.
headline-kept = 토픽 { $topics }개에 { $records }건이 있고, 읽는 그룹은 없습니다.

## The feed
feed-empty = 아직 없습니다.
feed-left = <b>{ $client }</b>{ PARTICLE($client, "이/가") } <b>{ $group }</b>에서 나갔습니다.
feed-expired = <b>{ $client }</b>{ PARTICLE($client, "이/가") } 하트비트를 보내지 않아 세션이 만료되었습니다. <b>{ $group }</b>에서 빠졌습니다.
feed-generation-joined = <b>{ $client }</b>{ PARTICLE($client, "이/가") } <b>{ $group }</b>에 들어왔습니다. { $generation }세대, { $assignor }{ PARTICLE($assignor, "이/가") } 파티션 { $tiles }{ PARTICLE($tiles, "을/를") } 맡겼습니다.{ $stopped }
feed-generation = <b>{ $group }</b>{ PARTICLE($group, "이/가") } { $assignor }{ PARTICLE($assignor, "으로/로") } { $generation }세대를 만들었습니다. 멤버는 { $members }개입니다.{ $stopped }
feed-generation-empty = <b>{ $group }</b>에 멤버가 더 이상 없습니다.
feed-stopped = { " " }읽기가 { $duration } 멈췄습니다.
feed-offsets-expired = <b>{ $group }</b>의 커밋된 오프셋이 만료되었습니다.
feed-records-deleted = <b>{ $topic }</b> { $partition }번은 이제 오프셋 { $start }에서 시작합니다. 그 앞은 삭제되었습니다.
feed-segments-rolled = <b>{ $topic }</b>{ PARTICLE($topic, "이/가") } 새 세그먼트 { $n }개를 시작했습니다.
feed-topic-created = <b>{ $topic }</b>{ PARTICLE($topic, "이/가") } 파티션 { $partitions }개로 만들어졌습니다.
feed-topic-created-plain = <b>{ $topic }</b>{ PARTICLE($topic, "이/가") } 만들어졌습니다.
feed-compacted = <b>{ $topic }</b> { $partition }번이 컴팩션되어 { $before }에서 { $after }로 줄었습니다.
feed-topic-deleted = <b>{ $topic }</b>{ PARTICLE($topic, "이/가") } 삭제되었습니다.
feed-storage-fault = 저장에 실패했습니다: { $detail }

## Topics
headline-topics = { $topics ->
    [0] 아직 토픽이 없습니다.
   *[other] 토픽 { $topics }개에 { $records }건이 있습니다.
  }{ $own ->
    [0] { "" }
   *[other] { " " }나머지 { $own }개는 브로커가 쓰는 장부입니다.
  }
create-a-topic = 토픽 만들기
col-name = 이름
col-partitions = 파티션
col-records = 레코드
col-size = 크기
col-segments = 세그먼트
col-retention = 보존
col-cleanup = 정리 정책
col-read-by = 읽는 그룹
col-actions = 동작
add-partitions = 파티션 추가
delete = 삭제
cancel = 취소
close = 닫기
apply = 적용
topics-how = 작은 막대는 파티션별 레코드 수입니다. 키마다 바쁜 정도가 달라서 파티션이 고르게 차지는 않습니다.
topics-empty = 토픽은 파티션의 묶음이고, 파티션 하나가 로그 하나입니다. 항공편을 불러오거나 토픽을 직접 만들어 보세요.
read-by-nobody = 없음
own-offsets = 커밋된 오프셋과 그룹 상태
own-metadata = 토픽, 설정, 프로듀서 id
own-events = 메모리에 있으며 이 대시보드가 읽음
own-other = 브로커의 것
kept-by-key = 키별
kept-for = { $duration }
kept-for-ever = 기한 없음
kept-unknown = –
delete-topic-head = { $topic }{ PARTICLE($topic, "을/를") } 삭제할까요?
delete-topic-what = 파티션 { $partitions }개의 { $records }건이 사라집니다.{ $groups ->
    [0] { "" }
   *[other] { " " }그룹 { $groups }개의 커밋된 오프셋도 함께 사라집니다.
  }{ $running ->
    [0] { "" }
   *[other] { " " }실행 중인 컨슈머 { $running }개는 알 수 없는 토픽 오류를 받습니다.
  }
delete-topic-button = { $topic }{ PARTICLE($topic, "과/와") } 레코드 { $records }건 삭제
keep-it = 그대로 두기
grow-head = { $topic }에 파티션 추가
grow-what = <b>{ $topic }</b>의 파티션이 { $now }개에서 { $wanted }개가 됩니다. 다시 줄일 수 없고, 그때부터 일부 키가 다른 파티션으로 갑니다.
grow-wrong = <b>{ $topic }</b>의 파티션은 { $now }개입니다. 그보다 많고 1,000개를 넘지 않아야 합니다.
create-keep = 레코드 보존
create-unit = 시간 단위
create-at-most = 최대 크기
create-ack = 응답이 뜻하는 것
create-stored = 저장
unit-hours = 시간
unit-days = 일
unit-weeks = 주
unit-ever = 기한 없음
size-any = 제한 없음
size-10mb = 파티션당 10 MB
size-100mb = 파티션당 100 MB
cleanup-delete = 오래된 것 삭제
cleanup-compact = 키마다 최신만
cleanup-both = 둘 다
ack-choice-asked = 프로듀서가 요청한 것
ack-choice-relaxed = 탭이 죽어도 남음
ack-choice-strict = 전원이 꺼져도 남음
place-choice-indexeddb = IndexedDB
place-choice-memory = 메모리만
durability-not-set = tablog.durability 설정 없음
raw-partitions = partitions { $n }
create = 만들기
create-named = { $name } 만들기
create-sentence = <b>{ $name }</b>: 파티션 { $partitions }개, { $keep }. 응답은 { $ack }을 뜻합니다. { $place }
create-note = 파티션은 나중에 늘릴 수 있지만 줄일 수는 없습니다. 늘리면 <b>해시 mod { $now }</b>이 <b>해시 mod { $next }</b>이 되어, 그때부터 일부 키가 다른 파티션으로 갑니다.
keep-for = 모든 레코드를 { $duration } 동안 보존
keep-for-ever = 모든 레코드를 기한 없이 보존
keep-by-key = 키마다 가장 새로운 것만 남김
keep-by-key-for = 키마다 가장 새로운 것만, 그것도 { $duration } 동안
ack-as-asked = 프로듀서가 요청한 것
ack-relaxed = 탭이 닫히거나 죽어도 남아 있음
ack-strict = 전원이 꺼져도 남아 있음
place-indexeddb = 이 브라우저의 IndexedDB에 저장합니다.
place-memory = 메모리에만 두므로 워커가 끝나면 사라집니다.
topic-name-empty = 1자에서 249자까지. 영문자, 숫자, 점, 줄표, 밑줄을 쓸 수 있습니다.
topic-name-space = 공백은 토픽 이름에 쓸 수 없습니다. 줄표나 점으로 바꾸어 보세요.
topic-name-character = “{ $c }”는 토픽 이름에 쓸 수 없습니다. 영문자, 숫자, 점, 줄표, 밑줄만 쓸 수 있습니다.
topic-name-dots = “.”과 “..”은 이름이 될 수 없습니다.
topic-name-long = 249자보다 { $n }자 깁니다.
topic-name-taken = “{ $name }” 토픽이 이미 있습니다.
topic-name-collides = “{ $name }”과 너무 비슷합니다. 지표 이름에서는 점과 밑줄이 같습니다.
topic-name-internal = 밑줄 두 개로 시작하는 이름은 브로커의 것처럼 보입니다. 쓸 수는 있습니다.
topic-name-free = 쓸 수 있는 이름입니다.

## Topic
topic-unknown = 이런 이름의 토픽이 없습니다.
state-topic = 파티션 { $partitions }개에 { $records }건, { $size }. 보존: { $kept }.
import-a-file = 파일 가져오기
export-ndjson = NDJSON 내보내기
exporting = { $n }건…
settings = 설정
the-tapes = 테이프
lag-of = 랙 기준
scale = 눈금
scale-shared = 같은 눈금
scale-fill = 각자 너비에 맞춤
tapes-axis-shared = 로그 전체, 오프셋 순. 높이는 키의 비율
tapes-axis-fill = 로그 전체, 테이프마다 제 길이에 맞춤
tapes-newest = 가장 새로운 { $n }건, 키별
tapes-newest-short = 최신 { $n }건
tapes-picture = { $topic }: 테이프 { $partitions }개와 로그 시작, 커밋된 오프셋, 하이 워터마크. 레코드 { $records }건.
cell-no-key = 키 없음, 파티션 { $partition }, 오프셋 { $offset }
cell = { $key }, 파티션 { $partition }, 오프셋 { $offset }
legend-log-start = 로그 시작
legend-committed = { $group }의 커밋
legend-committed-others = 다른 그룹의 커밋
legend-lag = 랙: 쓰였지만 읽지 않음
legend-high-watermark = 하이 워터마크, 레코드가 붙는 곳
legend-keys = 색 하나가 키 하나, 키는 제 테이프를 떠나지 않음
partitions-fullest = { $all }개 중 가장 많이 찬 { $shown }개.
records-head = 레코드
records-from = 시작 위치
from-beginning = 처음
from-newest = 최신
from-offset = 오프셋…
from-time = 시각…
from-live = 실시간
from-offset-label = 오프셋, 파티션마다
from-time-label = 이 타임스탬프부터 (UTC)
read-from-here = 읽기
records-newest = { $all }건 중 최신 { $n }건.
records-from-here = 여기부터 { $n }건.
records-none = 여기에는 레코드가 없습니다.
tail-waiting = 실시간: 다음 레코드를 기다립니다.
tail-live = 실시간: 최신 { $n }건.
tail-behind = { $time }에 뒤처졌습니다. 도착한 레코드 { $n }건이 이 목록에 없습니다.
tail-go-on = 최신부터 계속하기
col-topic = 토픽
col-partition = 파티션
col-offset = 오프셋
col-key = 키
col-value = 값
col-timestamp = 타임스탬프
col-line = 줄
record-details = 레코드 상세
record-head = 파티션 { $partition }, 오프셋 { $offset }
record-hash = murmur2 mod { $n } = { $partition }
record-batch = { $first }–{ $last }, { $count }개 중 { $place }번째
no-key = 키 없음
tombstone = 툼스톤
tombstone-what = 툼스톤입니다. 키만 있고 값이 없으며, 컴팩션이 그 키를 지웁니다.
tombstone-needs-key = 툼스톤에는 키가 있어야 합니다.
show-as = 값 보기
view-json = JSON
view-text = 텍스트
view-hex = Hex
header = 헤더
headers = 헤더
batch = 배치
none = 없음
produce = 쓰기
produce-by-key = 키로
produce-by-key-at = 키로: { $p }
produce-hint-key = “{ $key }”의 murmur2는 { $hash }, { $n }{ PARTICLE($n, "으로/로") } 나눈 나머지는 { $p }: 파티션 { $p }.
produce-hint-sticky = 키가 없으면 배치 하나가 한 파티션으로, 다음 배치는 다른 파티션으로 갑니다.
produce-hint-chosen = 키가 무엇이든 파티션 { $p }{ PARTICLE($p, "으로/로") } 갑니다.
produced = { $n }건이 응답을 받았습니다. 마지막은 파티션 { $partition }, 오프셋 { $offset }입니다.
how-many = 몇 건
col-setting = 설정
col-source = 출처
settings-none = 아직 설정을 읽지 못했습니다.
setting-read-only = 읽기 전용
setting-default = 기본값
setting-reset = 기본값으로
import-choose = NDJSON, JSON 배열, 또는 제목 줄이 있는 CSV
import-is-csv = <b>{ $name }</b>, { $size }, { $n }건, 제목 줄이 있는 CSV
import-is-ndjson = <b>{ $name }</b>, { $size }, { $n }건, 줄마다 JSON
import-is-json = <b>{ $name }</b>, { $size }, { $n }건, JSON 배열
import-too-large = 한 번에 가져올 수 있는 { $limit }보다 큰 파일입니다.
import-unreadable = { $name }{ PARTICLE($name, "을/를") } 글자로 읽을 수 없습니다.
import-neither = { $name }{ PARTICLE($name, "은/는") } JSON도 제목 줄이 있는 CSV도 아닙니다.
import-key = 키 열
import-no-key = (없음: 파티션에 나눔)
import-key-hint = 같은 키는 한 파티션으로 갑니다.
import-preview = 처음 몇 줄과 각 줄이 갈 파티션.
import-start = { $n }건 가져오기
import-stop = 여기서 멈추기
import-ready = { $n }건을 가져올 수 있습니다.
import-running = { $n }건 중 { $done }건이 응답을 받았습니다.
import-stopped = 멈췄습니다. { $n }건 중 { $done }건이 응답을 받았고 그대로 남습니다.
import-done = { $n }건이 모두 응답을 받았습니다.
import-note = 응답을 받은 것은 멈추거나 탭을 닫아도 남습니다. 같은 파일을 다시 가져오면 한 번 더 쓰입니다.
broken-line = <b>{ $line }번째 줄이 깨져 있습니다.</b> { $why }
broken-not-json = JSON이 아닙니다.
broken-quote = 따옴표가 닫히지 않았습니다.
broken-fields = 필드가 { $has }개인데 제목 줄에는 { $heading }개입니다.
broken-rest = 깨진 줄 { $broken }개는 빼고 나머지 { $n }건을 가져올 수 있습니다.

## Groups
headline-groups-quiet = { $running ->
    [0] 그룹 { $groups }개가 오프셋을 간직하고 있고, 멤버는 없습니다.
   *[other] 그룹 { $running }개가 실행 중이고 잘 따라갑니다.
  }
groups-empty-head = 아직 아무도 읽지 않습니다.
groups-empty-what = 그룹은 토픽의 파티션을 나누어 맡는 컨슈머들입니다. 파티션 하나는 그중 하나만 읽습니다. 항공편을 불러오거나 컨슈머를 추가해 보세요.
groups-count = 그룹 { $groups }개, 그중 { $running }개에 멤버가 있음
col-group = 그룹
col-state = 상태
col-protocol = 프로토콜
col-members-own = 멤버와 각자 맡은 것
col-behind-scale = 밀린 양, 같은 눈금
group-what-forming = 멤버 { $members }개로 세대를 만드는 중입니다. 끝날 때까지 아무것도 읽히지 않습니다.
group-what-empty = 멤버가 없습니다. { $partitions ->
    [0] 커밋된 오프셋도 없습니다.
   *[other] 커밋된 오프셋 { $partitions }개를 간직합니다.
  }
group-what-generation = { $time }부터 { $n }세대.
group-what-since = { $time }부터 그대로.
group-what-running = 멤버 { $members }개.
group-no-members = { $partitions ->
    [0] 없음
   *[other] 없음. 오프셋을 커밋한 파티션 { $partitions }개
  }
group-nothing-committed = 커밋된 오프셋이 없음
group-would-read = 다시 시작하면 읽을 양
protocol-classic = 클래식
protocol-consumer = 컨슈머 (KIP-848)
delete-group = 그룹 삭제
delete-group-head = { $group }{ PARTICLE($group, "을/를") } 삭제할까요?
delete-group-what = { $offsets ->
    [0] 커밋된 오프셋은 없습니다.
   *[other] 파티션 { $offsets }개의 커밋된 오프셋이 사라집니다.
  } 다시 들어오는 컨슈머는 auto.offset.reset이 정한 곳에서 시작합니다. 레코드는 그대로입니다.{ $members ->
    [0] { "" }
   *[other] { " " }지금 멤버 { $members }개가 살아 있고, 그동안은 브로커가 거절합니다.
  }
delete-group-button = { $group }{ PARTICLE($group, "과/와") } 오프셋 { $offsets }개 삭제
group-not-empty = 브로커가 거절했습니다: <code>NON_EMPTY_GROUP</code>. <b>{ $group }</b>에 살아 있는 멤버가 있습니다. 멤버를 제거하거나 세션이 만료되기를 기다린 뒤 삭제하세요.
groups-where = 각 그룹은 프로토콜의 어디에 있나
groups-how = 클래식 그룹은 세대를 준비하고 마치는 동안 모두를 멈춥니다. 컨슈머 그룹(KIP-848)은 파티션을 하나씩 넘기며 전체가 멈추는 일이 없습니다. <b>빈</b> 그룹은 멤버가 없어도 커밋된 오프셋을 7일 동안 간직하고, <b>죽은</b> 그룹은 그것마저 잃은 그룹입니다.
states-picture = 그룹 { $groups }개가 각각 어느 상태에 있는지.
legend-member = 멤버 하나, 그 아래가 맡은 파티션
legend-lag-grows = 랙
legend-kept = 간직된 오프셋부터 끝까지

## Group
group-unknown = 이런 이름의 그룹이 없습니다. 컨슈머가 들어오면 만들어집니다.
state-group = 멤버 { $members }개.
state-group-forming = 리밸런스 중: 멤버 { $members }개가 들어오고 있고, 세대가 설 때까지 아무것도 읽히지 않습니다.
state-group-empty = 멤버가 없습니다. { $partitions ->
    [0] 커밋된 오프셋도 없습니다.
   *[other] 커밋된 오프셋 { $partitions }개를 간직합니다.
  }
state-generation-stopped = { $generation }세대, { $assignor }. 이 세대를 만드는 동안 파티션 { $partitions }개가 모두 { $duration } 멈췄고, { $moved ->
    [0] 옮겨진 것은 없습니다.
   *[other] { $moved }개가 옮겨졌습니다.
  }
state-generation = { $generation }세대, { $assignor }. 멤버 { $members }개가 파티션 { $partitions }개를 맡고, { $moved ->
    [0] 옮겨진 것은 없습니다.
   *[other] { $moved }개가 옮겨졌습니다.
  }
state-generation-unnumbered-stopped = { $assignor }: 멤버 { $members }개가 파티션 { $partitions }개를 맡습니다. 마지막 리밸런스는 { $duration } 걸렸고 { $moved }개가 옮겨졌습니다.
state-generation-unnumbered = { $assignor }: 멤버 { $members }개가 파티션 { $partitions }개를 맡습니다.
group-owns = 누가 무엇을 맡고 있나
generation = { $n }세대
generation-unnumbered = 할당 { $n }
generation-earlier = 이전 세대
generation-later = 다음 세대
generations = 세대
generations-window = 최근 150초
generations-picture = 멤버 { $members }개의 세대 { $n }개: 누가 언제 무엇을 맡았고, 리밸런스마다 얼마나 멈췄는지.
ownership-member = 멤버
ownership-column = P{ $p }
ownership-picture = 소유권 지도: 멤버 { $members }개, 파티션 { $partitions }개.
ownership-shown = 파티션 { $all }개 중 { $shown }개를 그렸습니다. 표에는 모두 있습니다.
ownership-picture-empty = 아무도 맡은 것이 없습니다.
generations-none = 여기서 본 세대가 아직 없습니다. 멤버가 들어오면 만들어집니다.
moves-first = 여기서 본 첫 세대입니다. 아직 옮겨진 것이 없습니다.
moves-none = 주인이 바뀐 파티션이 없습니다.
moves-one-way = { $tiles }{ PARTICLE($tiles, "은/는") } <b>{ $from }</b>에서 <b>{ $to }</b>{ PARTICLE($to, "으로/로") } 옮겨졌습니다.
moves-several = { $tiles }의 주인이 바뀌었습니다. { $n }번 옮겨졌습니다.
lane-expired = 세션이 만료됨
lane-left = 나감
lane-stopped = { $duration } 멈춤
legend-stripes = 읽는 중, 줄 하나가 파티션 하나
legend-stopped = 리밸런스로 멈춤
group-offsets = 오프셋
group-members = 멤버
offsets-count = 파티션 { $n }개
behind-in-all = 모두 { $n }건 밀림
members-empty = 멤버가 없습니다. 컨슈머를 추가하면 커밋된 오프셋부터 이어 읽습니다.
member-elsewhere = 다른 곳에서 실행 중
fact-state = 상태
fact-generation = 세대
fact-protocol = 프로토콜
fact-assignor = 할당자
fact-stopped = 마지막 멈춤
freeze = 얼리기
thaw = 녹이기

## Consumer groups (KIP-848)
plain = { $text }
none-known = –
fact-group-epoch = 그룹 에포크
fact-assignment-epoch = 목표 할당 에포크
fact-session = 세션 제한 시간
fact-heartbeat = 하트비트 간격
standing-done = 목표와 같음
standing-revoking = { $revoking } 반납 중
standing-waits = { $awaited } 기다림
standing-both = { $revoking } 반납 중, { $awaited } 기다림
member-static = 정적: { $instance }
member-rack = 랙 { $rack }
member-speaks-classic = 클래식 프로토콜 사용
member-speaks-consumer = 컨슈머 프로토콜 사용
member-pattern = 패턴 { $pattern } 구독
member-subscribes = { $topics } 구독
behind-in-all-nobody = 모두 { $n }건 밀림, 그중 { $nobodys }건은 지금 아무도 읽지 않는 파티션
group-owns-and-target = 누가 무엇을 맡고 있고, 누가 맡게 되나
epoch = 에포크 { $n }
epoch-earlier = 이전 에포크
epoch-later = 다음 에포크
epochs = 에포크
epochs-window = 최근 60초
epochs-none = 아직 본 에포크가 없습니다. 멤버가 들어오면 시작합니다.
epochs-picture = 멤버 { $members }개의 에포크 { $n }개. 누가 언제 어느 파티션을 읽었는지. 옮겨지는 것만 멈춥니다.
epoch-joins = { $client } 참가
epoch-leaves = { $client } 나감
epoch-expires = { $client } 만료
lane-handed = { $partition } 넘어옴, 놓은 지 { $duration } 만에
lane-held = { $partition } { $duration }째 멈춤
legend-handed = 넘기는 동안 멈춤, 그 파티션만
legend-target = 목표 할당
ownership-picture-target = 담당 지도: 멤버 { $members }개, 파티션 { $partitions }개, { $awaited ->
    [0] 모두 목표 할당대로
   *[other] { $awaited }개는 목표 할당으로 옮겨지는 중
  }.
caption-target-reached = 모서리 표시는 목표 할당입니다. 모든 파티션이 있어야 할 곳에 있습니다.
caption-target-moved = 모서리 표시는 목표 할당이며, 모든 파티션이 있어야 할 곳에 있습니다. 이 에포크에서 { $tiles } 이동, 나머지는 계속 읽혔습니다.
caption-target-held = 모서리 표시는 목표 할당입니다. { $tiles }{ PARTICLE($tiles, "은/는") } <b>{ $heir }</b>의 것이 될 테지만, <b>{ $holder }</b>{ PARTICLE($holder, "이/가") } 놓을 때까지 아무도 읽지 않습니다. 나머지는 계속 읽힙니다.
caption-target-awaited = 모서리 표시는 목표 할당입니다. { $tiles }{ PARTICLE($tiles, "은/는") } <b>{ $heir }</b> 쪽으로 넘어가는 중입니다. 나머지는 계속 읽힙니다.
state-epoch-assigning = 에포크 { $epoch }: 코디네이터가 누가 무엇을 맡을지 정하고 있습니다.
state-epoch = 에포크 { $epoch }, { $assignor }.{ $cause } 멤버 { $members }개가 파티션 { $partitions }개를 맡고, { $moved ->
    [0] 옮겨진 것은 없습니다.
   *[other] { $moved }개가 옮겨졌습니다.
  }
state-epoch-held = 에포크 { $epoch }, { $assignor }.{ $cause } { $tiles }{ PARTICLE($tiles, "은/는") } 아직 { $holder }{ PARTICLE($holder, "이/가") } 놓지 않았습니다.
state-epoch-awaited = 에포크 { $epoch }, { $assignor }.{ $cause } { $tiles }{ PARTICLE($tiles, "은/는") } { $heir } 쪽으로 넘어가는 중입니다.
cause-joined = { " " }{ $client }{ PARTICLE($client, "이/가") } 들어왔습니다.
cause-left = { " " }{ $client }{ PARTICLE($client, "이/가") } 나갔습니다.
cause-expired = { " " }{ $client }의 세션이 만료되었습니다.
headline-reconciling = { $group }{ PARTICLE($group, "이/가") } 파티션 { $n }개를 넘기고 있고, 나머지는 계속 읽힙니다.
group-what-epoch = 에포크 { $n }.
group-what-epoch-since = { $time }부터 에포크 { $n }.
group-what-assigning = 에포크 { $n }: 누가 무엇을 맡을지 정하는 중입니다.
group-what-held = 에포크 { $n }. { $holder }{ PARTICLE($holder, "이/가") } { $tiles }{ PARTICLE($tiles, "을/를") } 넘기는 중, 나머지는 계속 읽힙니다.
group-what-awaited = 에포크 { $n }. { $tiles }{ PARTICLE($tiles, "은/는") } { $heir } 쪽으로 넘어가는 중, 나머지는 계속 읽힙니다.
group-sub-epoch = 에포크 { $epoch } · { $assignor } · { $state }
legend-gone = 넘기는 중이거나 주인이 없음
feed-epoch-joined = <b>{ $client }</b>{ PARTICLE($client, "이/가") } <b>{ $group }</b>에 들어왔습니다. 에포크 { $epoch }, { $assignor }의 목표는 { $tiles }.
feed-epoch = <b>{ $group }</b>의 에포크 { $epoch }, { $assignor }: 멤버 { $members }개.
feed-epoch-empty = <b>{ $group }</b>의 에포크 { $epoch }: 멤버가 없습니다.
feed-revoking = <b>{ $client }</b>{ PARTICLE($client, "이/가") } <b>{ $group }</b>에서 { $tiles }{ PARTICLE($tiles, "을/를") } 놓아야 합니다. 나머지는 계속 읽습니다.
feed-upgraded = <b>{ $group }</b>{ PARTICLE($group, "이/가") } 멤버를 지닌 채 컨슈머 프로토콜(KIP-848)로 넘어갔습니다.
feed-downgraded = <b>{ $group }</b>{ PARTICLE($group, "이/가") } 멤버를 지닌 채 클래식 프로토콜로 돌아갔습니다.

## Offsets of a group, changed
reset-offsets = 오프셋 재설정
reset-what = 그룹이 어디서부터 이어 읽을지를 옮깁니다. 레코드는 바뀌지도 사라지지도 않습니다.
reset-go-on = 여기서부터 읽기
reset-earliest = 가장 이른 것
reset-latest = 최신
reset-time = 시각
reset-offset = 오프셋
reset-shift = 이동
reset-group = 다른 그룹에서
reset-earliest-what = 로그 시작
reset-latest-what = 새 레코드만
reset-time-what = 이 시각 이후
reset-offset-what = 모든 파티션 같은 값
reset-shift-what = 앞으로 또는 뒤로
reset-group-what = 커밋을 복사
reset-date = 날짜
reset-clock = 시각 (UTC)
reset-records = 레코드 수
reset-shift-how = 음수는 다시 읽고, 양수는 건너뜁니다.
reset-time-how = 레코드 자신의 타임스탬프로 그 시각이나 그 뒤의 첫 레코드입니다.
reset-topics = 토픽
reset-all-topics = 토픽 { $n }개 모두
reset-partitions = 파티션
reset-axis = 로그 전체, 오프셋 순
reset-now = 지금
reset-after = 이후
reset-change = 변화
reset-preview = 미리 보기
reset-picture = 테이프 { $n }개, 지금 커밋된 곳과 재설정한 뒤의 곳.
reset-from-to = { $now } → { $after }
reset-again = { $n }건 다시 읽음
reset-skipped = { $n }건 건너뜀
reset-stays = 그대로
reset-begins = 여기서 시작
reset-unknown = 아직 모름
reset-nothing-to-shift = 제외: 옮길 커밋 없음
reset-nothing-to-copy = 제외: 복사할 커밋 없음
legend-now = 지금 커밋된 곳
legend-after = 이후
legend-to-be-read = 이후 읽을 것
legend-skipped = 읽지 않고 건너뜀
reset-sentence = 지금 멤버가 없습니다. 적용하면 <b>{ $group }</b>{ PARTICLE($group, "은/는") } { $again }건을 다시 읽고 { $skipped }건을 건너뜁니다.{ $clamped }{ $since }{ $left }
reset-clamped = { " " }오프셋 { $n }개는 로그 밖이라 가까운 끝으로 옮깁니다.
reset-none-since = { " " }파티션 { $n }개에는 그 뒤의 레코드가 없어 끝에서 이어 갑니다.
reset-left-out = { " " }파티션 { $n }개는 그대로 둡니다.
reset-refused = 멤버가 있는 동안은 거절됩니다. { $members } { $n ->
    [one] 아직 읽고 있어, 다음 커밋이 이 값을 덮어쓸 것입니다. 내보내거나 멈추면 바로 적용할 수 있습니다.
   *[other] 아직 읽고 있어, 다음 커밋이 이 값을 덮어쓸 것입니다. 모두 내보내거나 멈추면 바로 적용할 수 있습니다.
  }
names-one = <b>{ $a }</b>{ PARTICLE($a, "이/가") }
names-two = <b>{ $a }</b>, <b>{ $b }</b>{ PARTICLE($b, "이/가") }
names-three = <b>{ $a }</b>, <b>{ $b }</b>, <b>{ $c }</b>{ PARTICLE($c, "이/가") }
names-more = <b>{ $a }</b>, <b>{ $b }</b> 외 멤버 { $more }개가
reset-wrong-time = 날짜와 시각을 고르세요.
reset-wrong-offset = 오프셋은 0 이상의 정수입니다.
reset-wrong-shift = 이동은 레코드 수를 나타내는 정수입니다. 뒤로 가려면 음수를 씁니다.
reset-wrong-group = 이 파티션에 커밋한 다른 그룹이 없습니다.
reset-wrong-nothing = 고른 파티션이 없습니다.
reset-nothing-left = 바꿀 것이 없습니다. 고른 파티션이 모두 그대로 남습니다.
reset-asking = 그 시각의 레코드가 어디인지 브로커에 묻고 있습니다…
reset-remove = { $n ->
    [one] 멤버 내보내기
    [2] 두 멤버 내보내기
    [3] 세 멤버 내보내기
   *[other] 멤버 { $n }개 내보내기
  }
reset-apply = 오프셋 { $n }개 재설정
reset-leave = 그대로 두기
reset-done = 오프셋 { $n }개를 설정했습니다.
offsets-partly = { $done }개 끝남. 거절됨: <code>{ $refused }</code>.
offsets-joined = 거절됨: 그 사이 멤버가 그룹에 들어왔습니다 (<code>{ $refused }</code>).
delete-offsets = 오프셋 삭제
delete-offsets-what = 그룹이 어디까지 읽었는지를 잊습니다. 돌아온 컨슈머는 auto.offset.reset이 말하는 곳에서 시작하며, 레코드는 사라지지 않습니다.
delete-offsets-all = 파티션 { $n }개 모두
delete-offsets-sentence = <b>{ $group }</b>{ PARTICLE($group, "이/가") } <b>{ $topic }</b>에 커밋한 오프셋 { $n }개를 잊습니다. 잊은 오프셋은 되돌릴 수 없습니다.
delete-offsets-refused = 멤버가 <b>{ $topic }</b>{ PARTICLE($topic, "을/를") } 구독하는 동안은 거절됩니다. 브로커의 답은 <code>GROUP_SUBSCRIBED_TO_TOPIC</code>입니다. { $members } 구독을 바꾸거나 나가면 됩니다.
delete-offsets-button = 오프셋 { $n }개 삭제
delete-offsets-done = 오프셋 { $n }개를 잊었습니다.
remove-member = 멤버 내보내기
remove-member-done = <b>{ $member }</b>{ PARTICLE($member, "을/를") } 내보냈습니다. 아직 실행 중이면 스스로 다시 들어옵니다.
remove-member-failed = <b>{ $member }</b>{ PARTICLE($member, "을/를") } 내보내지 못했습니다: { $why }

## Clients
headline-clients-none = 이 탭에서 실행 중인 클라이언트가 없습니다.
headline-clients = 이 탭에서 프로듀서 { $producers }개와 컨슈머 { $consumers }개가 실행 중입니다.{ $frozen ->
    [0] { "" }
   *[other] { " " }{ $frozen }개는 얼어 있습니다.
  }
consumers = 컨슈머
col-client-id = 클라이언트 ID
col-writes-to = 쓰는 토픽
col-rate = 초당 레코드
col-linger = Linger
col-batch = 배치
col-compression = 압축
col-acks = Acks
col-behind = 밀림
col-processing = 처리 시간
col-session = 하트비트와 세션
key-choice-origin = 출발 공항
key-choice-random = 무작위
key-choice-one = 하나
key-choice-none = 없음
pause = 일시 정지
paused = 일시 정지됨
go-on = 계속
remove = 제거
frozen = 얼어 있음
heartbeat-ago = 마지막 하트비트 { $duration } 전
heartbeat-none = 아직 하트비트 없음
session-expired = 세션 만료됨
session-timeout = 세션 타임아웃
producers-empty = 없음. 프로듀서는 정한 속도와 키로 토픽에 씁니다.
consumers-empty = 없음. 한 그룹의 컨슈머들은 파티션을 나누어 맡습니다.
frozen-how = 얼어 있는 컨슈머는 파티션을 쥔 채 아무것도 읽지 않습니다. 막대가 비면 세션이 만료되어 그룹이 리밸런스하고, 다른 멤버가 이어받습니다. 밖에서 본 죽은 프로세스가 바로 이렇습니다.
rate-zero = 0: 낼 수 있는 만큼
value-size = 값의 크기, 바이트
producer-no-topic = 쓸 토픽이 없습니다. 먼저 만드세요.
producer-note = 이 탭의 워커에서 도는 진짜 프로듀서입니다. 보내는 것은 다른 레코드와 똑같이 Kafka 프로토콜을 지납니다.
consumer-note = 그룹, 할당자, 세션 타임아웃을 바꾸면 컨슈머가 나갔다가 새로 들어갑니다.

## 멤버 하나인 탭
open-consumer-tab = 컨슈머 탭 열기
membership-leave = 나가기
membership-join-again = 다시 참가
membership-see-the-group = 그룹 보기
membership-of = <b>{ $group }</b> 그룹의 멤버, 토픽 <b>{ $topic }</b>
membership-owns = 이 탭의 파티션
membership-at = 오프셋 { $n }
membership-behind = { $n }건 밀림
membership-handing-over = 넘기는 중
membership-standing-still = 멈춰 있음
membership-from = { $name }에서
membership-to = → { $name }
membership-heartbeats = 하트비트
membership-heartbeats-picture = 지난 { $seconds }초 동안의 하트비트 { $n }번. 그중 { $hidden }번은 탭이 숨어 있는 동안 보냈습니다.
membership-beat-epoch = { $ago } 전, 에포크 { $epoch }
membership-beat-generation = { $ago } 전, 세대 { $epoch }
membership-now = 지금
membership-joined-at = { $time }에 참가
membership-hidden = 탭이 숨어 있는 동안 워커가 대신 보냄
membership-hidden-short = 숨음
membership-records = 읽기
membership-rate = { $rate }, { $n }건 밀림
membership-was = 멤버였던 동안 { $n }건
membership-no-records = 아직 읽은 것이 없습니다. 이 탭이 레코드를 받으면 여기에 나타납니다.
membership-reads-nothing = 지금은 읽지 않습니다. 다시 참가하면 그룹이 이 탭에 몫을 나누어 줍니다.
membership-title = { $owned } · { $name } · { $group }
membership-title-bare = { $name } · { $group }
membership-more = 그 밖에 { $n }개
membership-joins = 그룹에 참가하고 있습니다.
membership-joins-again = 그룹이 이 탭 없이 나아갔습니다. 다시 참가합니다.
membership-left-nothing = 그룹에서 나갔습니다. 맡은 것은 없었습니다.
membership-left-to = 그룹에서 나갔습니다. { $name }{ PARTICLE($name, "이/가") } 이 탭이 멈춘 곳부터 { $tiles }{ PARTICLE($tiles, "을/를") } 이어서 읽습니다.
membership-left-others = 그룹에서 나갔습니다. 다른 멤버들이 이 탭이 멈춘 곳부터 { $tiles }{ PARTICLE($tiles, "을/를") } 이어서 읽습니다.
membership-left-alone = 그룹에서 나갔습니다. 이제 { $tiles }{ PARTICLE($tiles, "은/는") } 아무도 읽지 않습니다.
membership-hands-over = { $tiles }{ PARTICLE($tiles, "을/를") } { $name }에게 넘깁니다. 마지막 배치가 끝날 때까지 그것만 멈춰 있습니다.
membership-hands-over-several = { $tiles }{ PARTICLE($tiles, "을/를") } 넘깁니다. 마지막 배치가 끝날 때까지 그것만 멈춰 있습니다.
membership-stands-still = 그룹이 파티션을 다시 나누고 있습니다. 모든 멤버가 몫을 받을 때까지 { $tiles }{ PARTICLE($tiles, "이/가") } 멈춰 있습니다.
membership-waits-for = 파티션 { $all }개 중 { $n }개를 읽습니다. { $tiles }{ PARTICLE($tiles, "은/는") } { $name }{ PARTICLE($name, "이/가") } 놓으면 옵니다.
membership-waits = 파티션 { $all }개 중 { $n }개를 읽습니다. { $tiles }{ PARTICLE($tiles, "은/는") } 다른 멤버가 놓으면 옵니다.
membership-changed = { $came }{ PARTICLE($came, "이/가") } 오고 { $left }{ PARTICLE($left, "이/가") } 갔습니다. 그룹이 파티션을 다시 나누었습니다.
membership-joined-alone = 참가해서 파티션 { $all }개를 모두 읽습니다. 나눌 멤버가 없습니다.
membership-joined-from = 방금 들어왔습니다. { $tiles }{ PARTICLE($tiles, "을/를") } { $name }에게서 받았습니다.
membership-joined = 방금 들어왔습니다. { $tiles }{ PARTICLE($tiles, "을/를") } 받았습니다.
membership-came-left = { $name }{ PARTICLE($name, "이/가") } 나가서 { $tiles }{ PARTICLE($tiles, "이/가") } 여기로 왔습니다. 파티션 { $all }개 중 { $n }개를 읽습니다.
membership-came-from = { $tiles }{ PARTICLE($tiles, "이/가") } { $name }에게서 왔습니다. 파티션 { $all }개 중 { $n }개를 읽습니다.
membership-came = { $tiles }{ PARTICLE($tiles, "을/를") } 받았습니다. 파티션 { $all }개 중 { $n }개를 읽습니다.
membership-went-joined = 파티션 { $all }개 중 { $n }개를 읽습니다. { $name }{ PARTICLE($name, "이/가") } 들어와 { $tiles }{ PARTICLE($tiles, "을/를") } 그리로 넘겼습니다.
membership-went-to = 파티션 { $all }개 중 { $n }개를 읽습니다. { $tiles }{ PARTICLE($tiles, "은/는") } { $name }{ PARTICLE($name, "으로/로") } 갔습니다.
membership-went = 파티션 { $all }개 중 { $n }개를 읽습니다. { $tiles }{ PARTICLE($tiles, "은/는") } 다른 멤버에게 갔습니다.
membership-idle = 읽지 않습니다. 멤버 { $members }명이 파티션 { $all }개를 나누어 맡아, 이 탭의 몫이 없습니다.
membership-one-each = 파티션 { $all }개 중 { $n }개를 읽습니다. 멤버마다 하나씩입니다.
membership-reads = { $n ->
    [0] 지금은 파티션 { $all }개 중 아무것도 읽지 않습니다.
   *[other] 파티션 { $all }개 중 { $n }개를 읽습니다.
  }
consumer-head = 이 주소로는 컨슈머 탭이 열리지 않습니다
consumer-way = 주소는 <code>/consumer?topic=flights&group=tabs</code>처럼 씁니다. 원하면 <code>protocol=classic</code>, <code>assignor</code>, <code>session.timeout.ms</code>, <code>name</code>도 쓸 수 있습니다.
consumer-missing = <code>{ $name }</code>이 없습니다.
consumer-twice = <code>{ $name }</code>이 두 번 있습니다.
consumer-unknown = <code>{ $name }</code>은 여기서 아무 뜻이 없습니다.
consumer-illegal = <code>{ $name }={ $value }</code>은 쓸 수 없습니다. { $why }
consumer-why-topic = 토픽 이름에는 글자, 숫자, 점, 밑줄, 붙임표만 249자까지 쓸 수 있습니다.
consumer-why-group = 그룹 이름은 1자에서 255자까지입니다.
consumer-why-protocol = <code>classic</code>과 <code>consumer</code>가 있습니다.
consumer-why-session = 0보다 큰 밀리초 정수여야 합니다.
consumer-why-name = 멤버 이름에는 글자, 숫자, 점, 밑줄, 붙임표만 64자까지 쓸 수 있습니다.
consumer-assignor = <code>assignor={ $assignor }</code>은 쓸 수 없습니다. { $protocol } 프로토콜에는 { $known }이 있습니다.
consumer-no-topic = 토픽 <b>{ $name }</b>이 없어서 멤버로서 맡을 것이 없습니다. 토픽이 생기면 이 탭이 참가합니다.
consumer-to-groups = 그룹 보기
membership-group-protocol = 프로토콜

## Storage
headline-storage-unknown = 이 브라우저에 { $size }. 얼마까지 허용하는지는 알려 주지 않습니다.
headline-storage-kept = 이 브라우저가 허용한 { $quota } 중 { $used }. 브라우저가 지우지 않습니다.
headline-storage-evictable = 이 브라우저가 허용한 { $quota } 중 { $used }. 아직 브라우저가 지울 수도 있습니다.
ask-to-keep = 지우지 말라고 브라우저에 요청
room-head = 자리를 차지하는 것
room-empty = 아직 없습니다.
room-by-partition = 파티션별
room-own = 브로커의 것
room-used = { $used } 사용
room-quota = 할당량 { $quota }
room-picture = 파티션별로 { $size }.
ack-head = 여기서 응답이 뜻하는 것
col-when = 언제 답하나
col-survives = 무엇이 견디나
acks-0-when = 바로, 묻지 않음
acks-0-survives = 약속하지 않음
acks-1-when = relaxed 트랜잭션이 끝나면
acks-1-survives = 탭이 닫히거나 죽어도
acks-all-when = strict 트랜잭션이 끝나면
acks-all-survives = 디스크가 정직한 만큼, 전원이 꺼져도
commits-head = 커밋에 걸리는 시간
commits-what = 초당 커밋 { $rate }건. 절반은 { $p50 } ms, 100건 중 99건은 { $p99 } ms 안에 끝납니다.
commits-none = 아직 커밋 소식이 없습니다.
delete-everything = 모두 삭제
delete-everything-what = 이 브라우저의 토픽, 그룹, 오프셋이 모든 탭에서 사라집니다. 다른 곳에 사본은 없습니다.
delete-records-ask = { $n }건 삭제…
delete-all-head = 모두 삭제할까요?
delete-all-what = { $topics ->
    [0] 모든 토픽
   *[other] 토픽 { $topics }개
  }의 { $records }건과 모든 그룹, 오프셋이 이 브라우저의 모든 탭에서 사라집니다. 다른 곳에 사본은 없습니다.
delete-all-button = { $records ->
    [0] 저장소 삭제
   *[other] { $records }건 삭제
  }

## What was refused
refused = 브로커가 거절했습니다: <code>{ $code }</code>. { $detail }
no-broker = 지금은 브로커에 닿을 수 없습니다.
not-delivered = 응답을 받지 못했습니다: { $detail }
not-read = 읽지 못했습니다: { $detail }
not-deleted = 저장소를 지우지 못했습니다: { $detail }

## The lab: steps, and what cannot be
lab-step-start = 시작: 파티션 { $partitions }개, 컨슈머 { $consumers }개
lab-step-join = { $member } 들어옴
lab-step-leave = { $member } 나감
lab-step-crash = { $member } 죽음
lab-step-grow = 파티션 { $n }개 추가
lab-step-grow-topic = { $topic }에 파티션 { $n }개 추가
lab-step-topic = 토픽 { $topic } 만듦, 파티션 { $n }개
lab-step-reads = { $member } 구독: { $topics }
lab-step-reads-all = { $member } 구독: 모든 토픽
lab-step-reads-nothing = { $member } 구독 없음
lab-no-name = “{ $name }”은(는) 여기서 이름이 될 수 없습니다. 글자나 숫자로 시작하는 영문자, 숫자, 점, 밑줄, 하이픈 { $most }자까지입니다.
lab-no-topic = 토픽이 하나는 있어야 합니다.
lab-unknown-topic = 토픽 { $name }{ PARTICLE($name, "이/가") } 없습니다.
lab-unknown-member = 이 시점에 컨슈머 { $name }{ PARTICLE($name, "이/가") } 없습니다.
lab-topic-twice = 토픽 { $name }{ PARTICLE($name, "이/가") } 이미 있습니다.
lab-member-twice = 컨슈머 { $name }{ PARTICLE($name, "이/가") } 이미 있습니다.
lab-no-partition = 토픽 { $name }에는 파티션이 하나는 있어야 합니다.
lab-not-more = 토픽 { $name }에는 파티션이 이미 그만큼 있습니다. Kafka에서는 늘리기만 합니다.
lab-too-many-partitions = 실험실은 모든 토픽을 합해 파티션 { $most }개까지 받습니다.
lab-too-many-members = 실험실은 컨슈머 { $most }개까지 받습니다.
lab-too-many-topics = 실험실은 토픽 { $most }개까지 받습니다.
lab-too-many-racks = 실험실의 토픽은 랙 { $most }개까지 놓입니다.
lab-too-many-steps = 실험실은 단계 { $most }개까지 받습니다.

## The lab: why an assignment is as it is
lab-why-nobody = 그룹에 아무도 없습니다. 어느 파티션도 주인이 없습니다.
lab-why-untouched = 이 단계로는 리밸런스할 까닭이 없습니다. 모두 그대로입니다.
lab-why-range-even = 목록을 같은 길이로 자릅니다. { $partitions }개를 { $members }명으로 나누면 { $each }개씩입니다.
lab-why-range-more = { $partitions }개를 { $members }명으로 나누면 { $each }개씩이고, 앞의 { $partitions } mod { $members } = { $extra }명이 하나씩 더 받습니다. 그래서 { $extra ->
    [1] { $first }{ PARTICLE($first, "이/가") }
    [2] { $first }, { $last }{ PARTICLE($last, "이/가") }
   *[other] { $first }부터 { $last }까지
  } { $more }개입니다.
lab-why-range-few = 파티션이 멤버보다 적습니다. 앞의 { $extra }명, { $last }까지만 하나씩 받고 나머지는 없습니다.
lab-why-range-topics-even = 토픽마다 따로, 각각 같은 길이로 자릅니다.
lab-why-range-topics-more = { $partitions }개를 { $members }명으로 나누면 { $each }개씩이고, 토픽마다 앞의 { $partitions } mod { $members } = { $extra }명이 하나씩 더 받습니다. 그래서 { $first }{ PARTICLE($first, "은/는") } { $most }개, { $last }{ PARTICLE($last, "은/는") } { $least }개입니다.
lab-why-range-topics = 토픽마다 따로 자르고, 남는 것은 매번 앞의 멤버에게 갑니다. 그래서 { $first }{ PARTICLE($first, "은/는") } { $most }개, { $last }{ PARTICLE($last, "은/는") } { $least }개입니다.
lab-why-range-readers = 토픽마다 따로, 그 토픽을 읽는 멤버끼리 자릅니다. { $rich }{ PARTICLE($rich, "은/는") } { $most }개, { $poor }{ PARTICLE($poor, "은/는") } { $least }개입니다.
lab-why-range-racks = 먼저 같은 랙에 복제본이 있는 것을 주고, 그다음 늘 하던 대로 자릅니다. { $partitions }개 가운데 { $near }개를 놓인 랙에서 읽습니다.
lab-why-range-shifts = 자르는 자리가 밀립니다. 옮겨진 { $moved }개 가운데 { $taken }개는 주인이 그대로 가질 수 있었습니다.
lab-why-range-orphans = 가질 이가 없어진 것만 옮겨졌습니다.
lab-why-broker-shifts = 브로커가 다시 자릅니다. 옮겨진 { $moved }개 가운데 { $taken }개는 주인이 그대로 가질 수 있었습니다. 옮기는 것만 기다립니다.
lab-why-broker-orphans = 가질 이가 없어진 것만 옮겨졌고, 그것만 기다립니다.
lab-why-still = 아무것도 옮겨지지 않았습니다.
lab-why-deal-even = 카드처럼 하나씩 돌립니다. { $each }개씩입니다.
lab-why-deal-more = 카드처럼 하나씩 돌립니다. { $each }개씩이고, { $extra ->
    [1] { $first }{ PARTICLE($first, "이/가") }
    [2] { $first }, { $last }{ PARTICLE($last, "이/가") }
   *[other] { $first }부터 { $last }까지
  } 하나 더 받습니다.
lab-why-deal-readers = 카드처럼 하나씩 돌리되, 그 토픽을 읽지 않는 멤버는 건너뜁니다. { $rich }{ PARTICLE($rich, "은/는") } { $most }개, { $poor }{ PARTICLE($poor, "은/는") } { $least }개입니다.
lab-why-deal-again = 처음부터 다시 돌립니다. { $had }개 가운데 { $kept }개가 그대로입니다.
lab-why-sticky-fresh = 아직 지킬 것이 없어, 하나씩 가장 적게 가진 쪽에 줍니다.
lab-why-sticky-fresh-deal = 아직 지킬 것이 없어, 하나씩 가장 적게 가진 쪽에 줍니다. roundrobin처럼 보입니다.
lab-why-sticky-keeps = 가진 것은 그대로 둡니다. 아무것도 옮겨지지 않지만, 모두 멈추기는 합니다.
lab-why-sticky-free = 가진 것은 그대로 두고, 주인이 없는 { $free }개만 가장 적게 가진 쪽에 줍니다. 그동안 모두 멈춥니다.
lab-why-sticky-taken = 둘 수 있는 것은 그대로 둡니다. 고르게 하려고 { $taken }개가 주인을 바꿉니다. 그동안 모두 멈춥니다.
lab-why-sticky-both = 둘 수 있는 것은 그대로 둡니다. { $free }개는 주인이 없었고, { $taken }개가 더 주인을 바꿉니다. 그동안 모두 멈춥니다.
lab-why-cooperative-same = 답은 sticky와 같지만 계속 가질 것은 계속 읽습니다. { $paused ->
    [0] 아무것도 기다리지 않습니다.
   *[other] { $paused }개만 기다립니다.
  }
lab-why-cooperative-own = 둘 수 있는 것은 그대로 두고, 계속 가질 것은 계속 읽습니다. { $paused ->
    [0] 아무것도 기다리지 않습니다.
   *[other] { $paused }개만 기다립니다.
  }
lab-why-cooperative-twice = 다른 멤버에게 가는 것은 먼저 놓고, 두 번째 리밸런스에서 나눠 줍니다.
lab-why-uniform-even = 브로커가 모두에게 제 몫 { $each }개씩 줍니다.
lab-why-uniform-more = 브로커가 모두에게 제 몫을 줍니다. { $extra }명은 { $more }개, 나머지는 { $each }개입니다.
lab-why-uniform-readers = 브로커가 각 토픽을 읽는 멤버끼리 되도록 고르게 합니다. { $rich }{ PARTICLE($rich, "은/는") } { $most }개, { $poor }{ PARTICLE($poor, "은/는") } { $least }개입니다.
lab-why-uniform-keeps = 브로커가 주인이 있는 것은 그대로 둡니다. 아무도 멈추지 않습니다.
lab-why-uniform-moves = 브로커가 { $had }개 가운데 { $kept }개를 그대로 둡니다. 옮기는 것만 기다리고, 다른 것은 멈추지 않습니다.

## The lab: an address that cannot be read
lab-address-long = 실험실의 상황이라기에는 주소가 너무 깁니다.
lab-address-escapes = 주소의 퍼센트 기호 뒤가 글자가 아닙니다.
lab-address-no-version = 주소에 판 번호 <code>v=1</code>이 없습니다.
lab-address-newer = 주소가 { $found }판입니다. 이 실험실은 { $ours }판을 읽습니다. 더 새로운 Tablog가 쓴 주소입니다.
lab-address-version = “{ $found }”은(는) 읽을 수 있는 판이 아닙니다. 이 실험실은 { $ours }판을 읽습니다.
lab-address-missing = 주소에 <code>{ $name }</code>이(가) 없습니다.
lab-address-unknown = 주소의 <code>{ $name }</code>이(가) 무엇인지 모릅니다.
lab-address-twice = 주소에 <code>{ $name }</code>이(가) 두 번 있습니다.
lab-address-piece = <code>{ $name }</code>의 “{ $piece }”을(를) 읽을 수 없습니다.
lab-address-step = 단계 { $number }을(를) 할 수 없습니다. { $why }
lab-address-beyond = 주소가 가리키는 단계 “{ $at }”이(가) 없습니다.

## The lab: run for real
lab-run = 실제로 실행
lab-run-stop = 멈추기
lab-run-head = 같은 단계를 실제로
lab-run-idle = 이 탭의 브로커에 진짜 멤버를 붙이고, 프로듀서가 딸린 전용 토픽으로 이 과정을 프로토콜마다 한 번씩 실행합니다. 만든 것은 끝나면 지웁니다.
lab-run-caption = 진짜 멤버, 이 탭의 브로커, { $interval } ms마다 모든 파티션에 한 건씩 쓰는 전용 토픽. 프로토콜을 하나씩 차례로 실행하고, 끝나면 지웁니다. 셋 모두 <code>heartbeat.interval.ms={ $heartbeat }</code>, <code>session.timeout.ms={ $session }</code>.
lab-run-measured = 주인이 파티션을 내놓거나 나가거나 죽기 전에 마지막으로 읽은 레코드부터, 누구든 그 파티션에서 다음으로 읽은 레코드까지를 멈춘 시간으로 셉니다. 한 번 실행한 값이며, 다시 실행하면 몇 밀리초 달라집니다.
lab-run-way = { $protocol } 방식:
lab-run-forming = { $protocol }: 그룹을 만드는 중…
lab-run-playing = { $protocol }: { $step }…
lab-run-removing = 만든 것을 지우는 중…
lab-run-stopped = 멈추고, 만든 것을 지웠습니다.
lab-run-another = 지금 다른 탭에서 실제로 실행하고 있습니다. 값이 믿을 만하도록 한 번에 하나만 실행합니다.
lab-run-not-removed = 실행이 만든 것을 모두 지우지는 못했습니다: { $detail }. 다음 실행이 먼저 지웁니다.
lab-run-too-many-members = 실제 실행은 한 번에 컨슈머 { $most }개까지입니다. 이 탭이 모두 맡아야 하기 때문입니다.
lab-run-too-many-partitions = 실제 실행은 파티션 { $most }개까지입니다. 이 탭이 모두 쓰고 읽어야 하기 때문입니다.
lab-run-too-many-steps = 실제 실행은 { $most }단계까지입니다.
lab-run-no-member = 읽는 컨슈머가 없습니다. 먼저 하나 추가하세요.
lab-run-steps = 단계
lab-run-start = 시작
lab-run-stood = 멈춘 파티션
lab-run-longest = 가장 길게
lab-run-sum = 모두 더해
lab-run-of = / { $n }
lab-run-ms = ms
lab-run-partition-seconds = 파티션·초
lab-run-unsettled = 정해진 시간 안에 안정되지 않았습니다. 빠진 것은 멈춰 있거나 주인이 없습니다. { $detail }
lab-run-kept = 주인이 그대로인 파티션: 레코드와 레코드 사이가 최대 { $ms } ms.
lab-run-racks = 탭의 브로커는 랙이 없습니다. 멤버는 <code>client.rack</code>을 보내지만 여기서는 달라지는 것이 없습니다.
lab-run-not-yet = 곧 차례입니다.
lab-run-none = 이 단계는 실행하지 않았습니다.
lab-run-picture = { $protocol }: 파티션 { $of }개 가운데 { $n }개가 멈췄고, 가장 긴 것은 { $longest } ms, 모두 더해 { $sum } 파티션·초
lab-run-numbers = 같은 내용을 숫자로
lab-run-requests = 요청
lab-run-before = 앞
lab-run-after = 뒤
lab-run-member-left = { $ms } ms에 나감
lab-run-member-crashed = { $ms } ms에 죽음
lab-run-still = 멈춘 시간, ms
lab-run-error = { $codes } 응답 { $count }건
lab-run-legend-request = 요청에서 응답까지: J JoinGroup, S SyncGroup, L LeaveGroup, C ConsumerGroupHeartbeat, H 소식을 전한 Heartbeat
lab-run-legend-beat = 하트비트
lab-run-legend-stripes = 멤버가 읽는 파티션
lab-run-legend-still = 멈춤
lab-run-legend-nobody = 떠난 멤버의 것, 아무도 읽지 않음

## The lab: the page
lab-headline = { $partitions }, { $consumers }.
lab-headline-topics = 토픽 { $topics }개의 { $partitions }, { $consumers }.
lab-headline-then = { $before } 그리고 { $step }.
lab-n-partitions = { $n ->
    [1] 파티션 하나
    [2] 파티션 둘
    [3] 파티션 셋
    [4] 파티션 넷
    [5] 파티션 다섯
    [6] 파티션 여섯
    [7] 파티션 일곱
    [8] 파티션 여덟
    [9] 파티션 아홉
    [10] 파티션 열
    [11] 파티션 열하나
    [12] 파티션 열둘
   *[other] 파티션 { $n }개
  }
lab-n-consumers = { $n ->
    [0] 컨슈머 없음
    [1] 컨슈머 하나
    [2] 컨슈머 둘
    [3] 컨슈머 셋
    [4] 컨슈머 넷
    [5] 컨슈머 다섯
    [6] 컨슈머 여섯
    [7] 컨슈머 일곱
    [8] 컨슈머 여덟
    [9] 컨슈머 아홉
    [10] 컨슈머 열
    [11] 컨슈머 열하나
    [12] 컨슈머 열둘
   *[other] 컨슈머 { $n }개
  }
lab-copy = 주소 복사
lab-copied = 이 상황의 주소를 복사했습니다.
lab-not-copied = 브라우저가 복사를 허락하지 않았습니다. 브라우저에 보이는 주소가 그 주소입니다.
lab-steps = 단계
lab-through = 단계 오가기
lab-back = ‹ 뒤로
lab-forward = 앞으로 ›
lab-begin-here = 여기서 시작
lab-no-step = 아직 아무 일도 없었습니다. 컨슈머를 제거하거나 죽이거나 추가하고, 파티션을 추가해 보세요. 하나하나가 단계이고, 할당 방식마다 답합니다.
lab-crash-what = { $member }{ PARTICLE($member, "은/는") } 더는 아무 말이 없습니다. 세션 제한 시간(<code>session.timeout.ms</code>, 따로 정하지 않으면 45초)이 지날 때까지 그 파티션은 아무도 읽지 않고, 그런 다음 이렇게 할당됩니다.
lab-static-leaves = { $member }{ PARTICLE($member, "은/는") } 정적 멤버입니다. 세션 제한 시간 안에 돌아오면 다시 할당하지 않습니다. 여기 보이는 것은 더 오래 떠나 있거나 관리자가 제거했을 때입니다.
lab-situation = 상황
lab-partitions = 파티션
lab-consumers = 컨슈머
lab-member = 멤버
lab-crash = 죽이기
lab-remove = 제거
lab-left = 나감
lab-add-partition = 파티션 추가
lab-more = 여러 토픽, 랙, 정적 멤버…
lab-how-edit = 숫자를 적으면 새로 시작하고, 단추는 단계가 됩니다. 컨슈머를 표 쪽으로 끌어다 놓으면 나갑니다.
lab-nobody = 아무도 없습니다. 컨슈머를 추가하세요.
lab-drop = 여기에 놓으면 나갑니다
lab-columns = 할당 방식
lab-order = 멤버는 Kafka가 비교하는 아이디 순서로 놓입니다. { $first }{ PARTICLE($first, "이/가") } { $second }보다 앞입니다.
lab-client-side = 클라이언트 쪽
lab-kip-848 = KIP-848
lab-moved = 옮겨짐
lab-spread = 차이
lab-paused = 멈춤
lab-rebalances = 리밸런스
lab-assignor = 할당 방식
lab-comparison = 나란히
lab-how-counted = <b>옮겨짐</b>: 앞에도 뒤에도 주인이 있고 서로 다릅니다. <b>차이</b>: 가장 많이 가진 멤버와 가장 적게 가진 멤버의 차. <b>멈춤</b>: 주인이 있었는데 한동안 아무도 읽지 않았습니다. <b>리밸런스</b>: 협력적 멤버는 남이 놓은 것을 받으러 다시 들어오며, 그 뒤의 모습을 보입니다. KIP-848에서는 새 목표 할당의 수입니다.
lab-several = 여러 토픽, 랙, 정적 멤버
lab-several-how = 누가 무엇을 읽는지 표시하거나 토픽을 컨슈머로 끌어다 놓으세요. 일어나는 일은 단계가 되고, 숫자와 랙, 정적 멤버는 새로 시작합니다.
lab-racks = 복제본의 랙
lab-rack = 랙
lab-static = 정적
lab-subscriptions = 구독
lab-add-topic = 토픽 추가
lab-remove-topic = 토픽 제거
lab-topic-name = 새 토픽의 이름
lab-partitions-of = { $topic }의 파티션
lab-racks-of = { $topic } 복제본의 랙
lab-reads = { $member }의 { $topic } 구독
lab-rack-of = { $member }의 랙
lab-static-of = { $member } 정적 멤버
lab-unreadable = 실험실이 읽을 수 없는 주소입니다.
lab-unreadable-way = 바뀐 것은 없습니다. 주소가 오는 길에 잘렸을 수 있습니다. 다시 받거나 빈 실험실로 시작하세요.
lab-open-empty = 빈 실험실 열기
lab-open-example = 보기 열기
