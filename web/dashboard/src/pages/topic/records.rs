//! The records browser: from the beginning, the newest, an offset, a time, or live. A live tail that falls behind says
//! so. What a record holds is text nodes, whatever its bytes.

use crate::browser;
use crate::session::{More, Session};
use crate::state::use_state;
use crate::ui::{Segmented, say};
use crate::words::{t, words};
use leptos::prelude::*;
use tablog_dashboard::model::bytes_view::{self, View};
use tablog_dashboard::model::limits::{RECORDS_PAGE, ROWS_SHOWN};
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::records::{From, ReadRecord, Tail};
use tablog_dashboard::model::{murmur2, quantity};

/// A topic that grows fast is not read anew at each reading.
const READ_NEWEST_EVERY_MS: i64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Beginning,
    Newest,
    Offset,
    Time,
    Live,
}

#[component]
pub fn Records(name: String) -> impl IntoView {
    let state = use_state();
    let name = StoredValue::new(name);
    let mode = RwSignal::new(Mode::Newest);
    let typed = RwSignal::new(String::new());
    let records = RwSignal::new(Vec::<ReadRecord>::new());
    let tail = RwSignal::new(Tail::default());
    let trouble = RwSignal::new(None::<Message>);
    let chosen = RwSignal::new(None::<(i32, i64)>);
    // A read that was asked for later makes the answers of those before it worthless.
    let asked = StoredValue::new(0u64);
    let read = move || {
        let from = match mode.get_untracked() {
            Mode::Beginning => From::Beginning,
            Mode::Newest => From::Newest,
            Mode::Offset => From::Offset(typed.with_untracked(|t| t.trim().parse().unwrap_or(0))),
            Mode::Time => From::Time(typed.with_untracked(|t| parse_time(t)).unwrap_or(0)),
            Mode::Live => From::Newest,
        };
        asked.update_value(|n| *n += 1);
        let mine = asked.get_value();
        let current = move || asked.try_get_value() == Some(mine);
        if mode.get_untracked() == Mode::Live {
            tail.set(Tail::default());
            Session::tail(name.get_value(), move |batch| {
                if !current() {
                    return More::Enough;
                }
                tail.update(|tail| tail.push(browser::now_ms(), batch));
                More::Wanted
            });
            return;
        }
        leptos::task::spawn_local(async move {
            let answer = Session::read(name.get_value(), from, RECORDS_PAGE).await;
            if !current() {
                return;
            }
            match answer {
                Ok(read) => {
                    records.set(read);
                    trouble.set(None);
                }
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    // The newest are read again as the topic grows, at most once a second.
    let end = Memo::new(move |_| {
        state.with(|v| {
            name.with_value(|n| {
                v.snapshot
                    .topics
                    .get(n)
                    .map_or(0, |t| t.partitions.iter().map(|p| p.high_watermark).sum::<i64>())
            })
        })
    });
    let last_read_ms = StoredValue::new(0i64);
    let is_due = StoredValue::new(false);
    let read_newest = move || {
        is_due.set_value(false);
        if mode.get_untracked() == Mode::Newest {
            last_read_ms.set_value(browser::now_ms());
            read();
        }
    };
    Effect::new(move || {
        // Read, not only tracked: a memo that nobody has read follows nothing, and an empty topic's caption does not.
        let _ = end.get();
        let wait_ms = READ_NEWEST_EVERY_MS - (browser::now_ms() - last_read_ms.get_value());
        if wait_ms <= 0 {
            read_newest();
        } else if !is_due.get_value() {
            is_due.set_value(true);
            let later = move || {
                if is_due.try_get_value() == Some(true) {
                    read_newest();
                }
            };
            set_timeout(later, std::time::Duration::from_millis(wait_ms as u64));
        }
    });
    on_cleanup(move || asked.update_value(|n| *n += 1));
    let choose = move |m: Mode| {
        mode.set(m);
        if !matches!(m, Mode::Offset | Mode::Time) {
            read();
        }
    };
    let shown = Memo::new(move |_| match mode.get() {
        Mode::Live => tail.with(|t| t.records.iter().take(ROWS_SHOWN).cloned().collect()),
        _ => records.get(),
    });
    let picked = Memo::new(move |_| {
        shown.with(|rows| {
            let by_hand = chosen.get().and_then(|at| rows.iter().find(|r| (r.partition, r.offset) == at));
            by_hand.or(rows.first()).cloned()
        })
    });
    view! {
        <section class="sec rec" aria-labelledby="records-head">
            <div class="sech">
                <h2 id="records-head">{t("records-head")}</h2>
                <div class="acts">
                    <Segmented label="records-from" value=mode on_choose=choose options=vec![
                        (Mode::Beginning, "from-beginning"), (Mode::Newest, "from-newest"), (Mode::Offset, "from-offset"),
                        (Mode::Time, "from-time"), (Mode::Live, "from-live"),
                    ] />
                </div>
            </div>
            <Start mode typed on_go=read />
            <div class="recgrid">
                <div class="scrollx"><table class="records" aria-label="Records">
                    <caption aria-live="polite"><Caption mode end shown tail read /></caption>
                    <thead><tr>
                        <th scope="col">{t("col-partition")}</th><th scope="col" class="num">{t("col-offset")}</th>
                        <th scope="col">{t("col-key")}</th><th scope="col">{t("col-value")}</th>
                        <th scope="col" class="num">{t("col-timestamp")}</th>
                    </tr></thead>
                    <tbody>{move || {
                        let selected = picked.with(|p| p.as_ref().map(|r| (r.partition, r.offset)));
                        shown.get().into_iter().map(|r| row(r, selected, chosen)).collect_view()
                    }}</tbody>
                </table>
                {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
                </div>
                {move || picked.get().map(|record| view! { <Detail name=name.get_value() record /> })}
            </div>
        </section>
    }
}

/// Where to start, for an offset or a time.
#[component]
fn Start(
    mode: RwSignal<Mode>,
    typed: RwSignal<String>,
    on_go: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        let (label, kind) = match mode.get() {
            Mode::Offset => ("from-offset-label", "number"),
            Mode::Time => ("from-time-label", "datetime-local"),
            _ => return None,
        };
        Some(view! {
            <form class="start" on:submit=move |e| { e.prevent_default(); on_go() }>
                <label class="inl"><span>{t(label)}</span>
                    <input class="in" type=kind min="0" step="1" on:input:target=move |e| typed.set(e.target().value()) />
                </label>
                <button class="btn small">{t("read-from-here")}</button>
            </form>
        })
    }
}

/// `2001-03-31T21:16`, read as UTC, as the records' own times are shown.
fn parse_time(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let date: Vec<i64> = date.split('-').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let time: Vec<i64> = time.split(':').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let ([year, month, day], [hour, minute, ..]) = (date.as_slice(), time.as_slice()) else { return None };
    let seconds = time.get(2).copied().unwrap_or(0);
    let days = quantity::days_from_civil(*year, *month, *day);
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + seconds * 1_000)
}

#[component]
fn Caption(
    mode: RwSignal<Mode>,
    end: Memo<i64>,
    shown: Memo<Vec<ReadRecord>>,
    tail: RwSignal<Tail>,
    read: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let message = move || {
        let n = shown.with(Vec::len) as f64;
        let missed = tail.with(|t| (t.missed, t.missed_since_ms));
        match (mode.get(), missed) {
            (Mode::Live, (missed, Some(since))) if missed > 0 => Message::new("tail-behind")
                .number("n", missed as f64)
                .text("time", quantity::clock(since, browser::zone_minutes())),
            (Mode::Live, _) if n == 0.0 => Message::new("tail-waiting"),
            (Mode::Live, _) => Message::new("tail-live").number("n", n),
            (_, _) if n == 0.0 => Message::new("records-none"),
            (Mode::Newest, _) => {
                Message::new("records-newest").number("n", n).number("all", end.get() as f64)
            }
            _ => Message::new("records-from-here").number("n", n),
        }
    };
    let behind = move || mode.get() == Mode::Live && tail.with(|t| t.missed > 0);
    view! {
        <span class:warn=behind>{move || say(&message())}</span>
        {move || behind().then(|| view! {
            " "
            <button class="btn plain small" on:click=move |_| { tail.update(Tail::go_on); read() }>{t("tail-go-on")}</button>
        })}
    }
}

fn row(r: ReadRecord, selected: Option<(i32, i64)>, chosen: RwSignal<Option<(i32, i64)>>) -> impl IntoView {
    let at = (r.partition, r.offset);
    let value = r.value.as_deref().map(bytes_view::line);
    let value = match value {
        Some(text) => view! { <code>{text}</code> }.into_any(),
        None => view! { <span class="quiet">{t("tombstone")}</span> }.into_any(),
    };
    let key = match r.key.as_deref().map(bytes_view::line) {
        Some(text) => view! { <code>{text}</code> }.into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    let offset = words(&Message::new("number").number("n", r.offset as f64));
    view! {
        <tr aria-selected=(selected == Some(at)).to_string() tabindex="0" on:click=move |_| chosen.set(Some(at))
            on:keydown=move |e| if e.key() == "Enter" { chosen.set(Some(at)) }>
            <td>{r.partition}</td>
            <td class="num">{offset}</td>
            <td class="k">{key}</td>
            <td class="v">{value}</td>
            <td class="num ts">{quantity::date_and_time(r.timestamp_ms, 0)}</td>
        </tr>
    }
}

#[component]
fn Detail(name: String, record: ReadRecord) -> impl IntoView {
    let state = use_state();
    let partitions =
        state.view.with_untracked(|v| v.snapshot.topics.get(&name).map_or(0, |t| t.partitions.len()));
    let value = record.value.clone().unwrap_or_default();
    let view_as = RwSignal::new(bytes_view::best(&value));
    let head = Message::new("record-head")
        .number("partition", f64::from(record.partition))
        .number("offset", record.offset as f64);
    let key = record.key.as_ref().map(|key| {
        let hash = Message::new("record-hash")
            .number("n", partitions as f64)
            .number("partition", f64::from(murmur2::partition_of(key, partitions as i32)));
        view! { <code>{bytes_view::line(key)}</code>" "<span class="quiet">{words(&hash)}</span> }
    });
    let no_key = record.key.is_none().then(|| view! { <span class="quiet">{t("no-key")}</span> });
    let body = match record.value {
        Some(_) => {
            view! { <pre class="bytes" tabindex="0">{move || bytes_view::show(&value, view_as.get())}</pre> }
                .into_any()
        }
        None => view! { <p class="cap">{t("tombstone-what")}</p> }.into_any(),
    };
    let headers = record.headers.iter().map(|(name, value)| {
        let value = value.as_deref().map(bytes_view::line).unwrap_or_default();
        view! { <code class="header">{name.clone()}": "{value}</code> }
    });
    let headers = headers.collect_view();
    let no_headers = record.headers.is_empty().then(|| view! { <span class="quiet">{t("none")}</span> });
    let batch = record.batch.map(|b| {
        let range = Message::new("record-batch")
            .number("first", b.base_offset as f64)
            .number("last", (b.base_offset + i64::from(b.count) - 1) as f64)
            .number("place", (record.offset - b.base_offset + 1) as f64)
            .number("count", f64::from(b.count));
        view! {
            <dt>{t("batch")}</dt><dd>{words(&range)}</dd>
            <dt>{t("col-compression")}</dt><dd>{b.compression}", "{words(&quantity::bytes(b.bytes as u64))}</dd>
        }
    });
    view! {
        <aside class="detail" aria-label=t("record-details")>
            <p class="figh">{words(&head)}</p>
            <dl class="kv">
                <dt>{t("col-key")}</dt><dd>{key}{no_key}</dd>
                <dt>{t("col-timestamp")}</dt>
                <dd>{quantity::date_and_time(record.timestamp_ms, 0)}" "
                    <span class="quiet">{if record.log_append_time { "LogAppendTime" } else { "CreateTime" }}</span></dd>
            </dl>
            <Segmented label="show-as" value=view_as on_choose=move |v| view_as.set(v)
                options=vec![(View::Json, "view-json"), (View::Text, "view-text"), (View::Hex, "view-hex")] />
            {body}
            <dl class="kv">
                <dt>{t("headers")}</dt><dd>{headers}{no_headers}</dd>
                {batch}
            </dl>
        </aside>
    }
}
