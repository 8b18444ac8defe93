//! Importing a file: what it is, a chosen key column, a preview with the partition of each line, broken lines with
//! their numbers, and progress by acknowledgement.

use crate::components::partition_tile::PartitionTile;
use crate::session::{More, Session};
use crate::state::use_state;
use crate::ui::say;
use crate::words::{t, words};
use leptos::prelude::*;
use std::sync::Arc;
use tablog_dashboard::model::bytes_view;
use tablog_dashboard::model::colour::Tile;
use tablog_dashboard::model::import::{Format, Offer, Why};
use tablog_dashboard::model::limits::IMPORT_BYTES_MAX;
use tablog_dashboard::model::message::Message;
use tablog_dashboard::model::murmur2;
use tablog_dashboard::model::quantity;

#[derive(Clone, Debug)]
struct Chosen {
    name: String,
    bytes: u64,
    offer: Arc<Offer>,
}

#[derive(Clone, Debug, PartialEq)]
enum Progress {
    Waiting,
    Running { done: u64 },
    Stopped { done: u64 },
    Done,
}

#[component]
pub fn ImportPanel(name: String, on_close: impl Fn() + Clone + Send + 'static) -> impl IntoView {
    let topic = StoredValue::new(name);
    let chosen = RwSignal::new(None::<Chosen>);
    let trouble = RwSignal::new(None::<Message>);
    let choose = move |input: web_sys::HtmlInputElement| {
        let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
        chosen.set(None);
        leptos::task::spawn_local(async move {
            match open(file).await {
                Ok(file) => {
                    trouble.set(None);
                    chosen.set(Some(file));
                }
                Err(message) => trouble.set(Some(message)),
            }
        });
    };
    view! {
        <section class="sec imp" aria-labelledby="import-head">
            <div class="sech">
                <h2 id="import-head">{t("import-a-file")}</h2>
                <p class="cap">{move || chosen.get().map(|file| say(&described(&file)))}</p>
                <div class="acts"><button class="btn small" on:click=move |_| on_close()>{t("close")}</button></div>
            </div>
            <label class="f file"><span>{t("import-choose")}</span>
                <input class="in" type="file" accept=".csv,.tsv,.json,.ndjson,.jsonl,.txt" on:change:target=move |e| choose(e.target()) /></label>
            {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
            {move || chosen.get().map(|file| view! { <Offered topic file /> })}
        </section>
    }
}

async fn open(file: web_sys::File) -> Result<Chosen, Message> {
    let (name, size) = (file.name(), file.size());
    if size > IMPORT_BYTES_MAX as f64 {
        return Err(
            Message::new("import-too-large").message("limit", quantity::bytes(IMPORT_BYTES_MAX as u64))
        );
    }
    let offer = Arc::new(Session::open_file(&file).await?);
    Ok(Chosen { name, bytes: size as u64, offer })
}

fn described(file: &Chosen) -> Message {
    let key = match file.offer.format {
        Format::Csv => "import-is-csv",
        Format::Ndjson => "import-is-ndjson",
        Format::Json => "import-is-json",
    };
    Message { key, arguments: Vec::new() }
        .text("name", &file.name)
        .message("size", quantity::bytes(file.bytes))
        .number("n", file.offer.rows as f64)
}

#[component]
fn Offered(topic: StoredValue<String>, file: Chosen) -> impl IntoView {
    let state = use_state();
    let offer = StoredValue::new(file.offer);
    let columns = offer.with_value(|i| i.columns.clone());
    let guess =
        ["key", "id", "origin"].iter().find(|g| columns.iter().any(|c| c == *g)).map(|c| (*c).to_owned());
    let key = RwSignal::new(guess);
    let progress = RwSignal::new(Progress::Waiting);
    let trouble = RwSignal::new(None::<Message>);
    let partitions = Memo::new(move |_| {
        state
            .with(|v| topic.with_value(|n| v.snapshot.topics.get(n).map_or(0, |t| t.partitions.len() as i32)))
    });
    let total = offer.with_value(|i| i.rows);
    let start = move |_| {
        let column = key.get_untracked();
        progress.set(Progress::Running { done: 0 });
        leptos::task::spawn_local(async move {
            let on_progress = move |done: u64| {
                if !matches!(progress.try_get_untracked(), Some(Progress::Running { .. })) {
                    return More::Enough;
                }
                progress.set(Progress::Running { done });
                More::Wanted
            };
            let answer = Session::import(topic.get_value(), column, on_progress).await;
            match answer {
                Ok(_) if matches!(progress.try_get_untracked(), Some(Progress::Running { .. })) => {
                    progress.set(Progress::Done)
                }
                Ok(_) => {}
                Err(message) => {
                    trouble.set(Some(message));
                    progress.set(Progress::Waiting);
                }
            }
        });
    };
    let stop = move |_| {
        if let Progress::Running { done } = progress.get_untracked() {
            progress.set(Progress::Stopped { done });
        }
    };
    let sentence = move || match progress.get() {
        Progress::Waiting => Message::new("import-ready").number("n", total as f64),
        Progress::Running { done } => {
            Message::new("import-running").number("done", done as f64).number("n", total as f64)
        }
        Progress::Stopped { done } => {
            Message::new("import-stopped").number("done", done as f64).number("n", total as f64)
        }
        Progress::Done => Message::new("import-done").number("n", total as f64),
    };
    let share = move || match progress.get() {
        Progress::Waiting => 0,
        Progress::Running { done } | Progress::Stopped { done } => done,
        Progress::Done => total,
    };
    let running = move || matches!(progress.get(), Progress::Running { .. });
    view! {
        <div class="impgrid">
            <div class="impf">
                <label class="f"><span>{t("import-key")}</span>
                    <select class="in" on:change:target=move |e| {
                        let value = e.target().value();
                        key.set((!value.is_empty()).then_some(value));
                    }>
                        <option value="">{t("import-no-key")}</option>
                        {columns.iter().map(|c| view! { <option value=c.clone() selected=key.get_untracked().as_ref() == Some(c)>{c.clone()}</option> }).collect_view()}
                    </select></label>
                <p class="hint">{t("import-key-hint")}</p>
            </div>
            <div>
                {move || {
                    let first = state.view.with_untracked(|v| topic.with_value(|n| v.snapshot.first_place(n)));
                    offer.with_value(|i| preview(i, key.get().as_deref(), partitions.get(), first))
                }}
                {offer.with_value(|i| broken(i))}
            </div>
        </div>
        <div class="prog">
            <div class="progt">
                <p class="narr" role="status">{move || say(&sentence())}</p>
                <button class="btn" hidden=move || !running() on:click=stop>{t("import-stop")}</button>
                <button class="btn main" hidden=running disabled=total == 0 || topic.with_value(String::is_empty) on:click=start>
                    {words(&Message::new("import-start").number("n", total as f64))}
                </button>
            </div>
            <progress max=total.max(1) prop:value=move || share() as f64 aria-label=t("import-a-file")></progress>
            {move || trouble.get().map(|m| view! { <p class="cap bad" role="alert">{say(&m)}</p> })}
            <p class="cap">{t("import-note")}</p>
        </div>
    }
}

fn preview(i: &Offer, key: Option<&str>, partitions: i32, first_place: usize) -> impl IntoView + use<> {
    let head = i.columns.iter().take(8).map(|c| {
        let is_key = Some(c.as_str()) == key;
        view! { <th scope="col" class:key=is_key>{c.clone()}</th> }
    });
    let head = head.collect_view();
    let rows = i.preview.iter().map(|row| {
        let fields = i.columns.iter().zip(&row.fields).take(8).map(|(column, field)| {
            let shown = field.as_ref().map_or("–", |field| &field.shown);
            let is_key = Some(column.as_str()) == key;
            view! { <td class:key=is_key><code>{bytes_view::line(shown.as_bytes())}</code></td> }
        });
        let fields = fields.collect_view();
        let column = i.columns.iter().position(|column| Some(column.as_str()) == key);
        let row_key = column.and_then(|at| row.fields.get(at)?.as_ref()?.key.as_ref());
        let goes_to =
            row_key.map(|k| Tile::new(murmur2::partition_of(k.as_bytes(), partitions), first_place));
        let goes_to = goes_to.map(|tile| view! { <PartitionTile tile small=true /> });
        view! { <tr><td class="num">{row.line}</td>{fields}<td>{goes_to}</td></tr> }
    });
    let rows = rows.collect_view();
    view! {
        <div class="scrollx"><table class="preview" aria-label="Preview">
            <caption>{t("import-preview")}</caption>
            <thead><tr><th scope="col" class="num">{t("col-line")}</th>{head}<th scope="col">{t("col-partition")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
}

fn broken(i: &Offer) -> Option<impl IntoView + use<>> {
    if i.broken.is_empty() {
        return None;
    }
    let lines = i.broken.iter().map(|b| {
        let why = match &b.why {
            Why::NotJson => Message::new("broken-not-json"),
            Why::OpenQuote => Message::new("broken-quote"),
            Why::Fields { has, heading } => {
                Message::new("broken-fields").number("has", *has as f64).number("heading", *heading as f64)
            }
        };
        let line = Message::new("broken-line").number("line", b.line as f64).message("why", why);
        view! { <p>{say(&line)}</p><pre class="bytes">{bytes_view::line(b.text.as_bytes())}</pre> }
    });
    let lines = lines.collect_view();
    let rest = Message::new("broken-rest").number("broken", i.broken_lines as f64).number("n", i.rows as f64);
    Some(view! { <div class="broken">{lines}<p>{say(&rest)}</p></div> })
}
