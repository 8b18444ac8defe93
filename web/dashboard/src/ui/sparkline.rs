//! The last two minutes of a number, as a line.

use leptos::prelude::*;

#[component]
pub fn Sparkline(
    #[prop(into)] samples: Signal<Vec<f64>>,
    #[prop(optional, into)] warn: Signal<bool>,
) -> impl IntoView {
    const WIDTH: f64 = 120.0;
    const HEIGHT: f64 = 26.0;
    let points = Memo::new(move |_| {
        let samples = samples.get();
        let top = samples.iter().copied().fold(0.0, f64::max) * 1.25;
        let x = |i: usize| 1.0 + i as f64 / (samples.len().max(2) - 1) as f64 * (WIDTH - 6.0);
        let y = |v: f64| HEIGHT - 4.0 - if top > 0.0 { v / top * (HEIGHT - 8.0) } else { 0.0 };
        samples.iter().enumerate().map(|(i, v)| (x(i), y(*v))).collect::<Vec<_>>()
    });
    let line =
        move || points.get().iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    let last = move || points.get().last().copied().unwrap_or((1.0, HEIGHT - 4.0));
    view! {
        <svg class="sparkline" aria-hidden="true" viewBox="0 0 120 26" preserveAspectRatio="xMaxYMid meet">
            <polyline class="spark" class:lag=warn points=line vector-effect="non-scaling-stroke" />
            <circle class="sparkdot" class:lag=warn cx=move || last().0 cy=move || last().1 r="2.6" />
        </svg>
    }
}
