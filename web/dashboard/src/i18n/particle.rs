//! The Korean particle after a name depends on whether its last sound is a consonant: 이/가, 을/를, 은/는, 과/와, 으로/로.
//! Digits are read as Korean (consumer-2가, consumer-3이), Latin words as they are usually borrowed.

/// `pair` is written "with a final consonant / without".
pub fn choose<'a>(word: &str, pair: &'a str) -> &'a str {
    let (with_final, without) = pair.split_once('/').unwrap_or((pair, pair));
    match last_sound(word) {
        Sound::Vowel => without,
        // 로, not 으로, after ㄹ.
        Sound::Rieul if with_final == "으로" => without,
        Sound::Rieul | Sound::Consonant => with_final,
    }
}

enum Sound {
    Vowel,
    Rieul,
    Consonant,
}

fn last_sound(word: &str) -> Sound {
    let mut letters = word.chars().rev().filter(|c| c.is_alphanumeric());
    let Some(last) = letters.next() else { return Sound::Vowel };
    match last {
        '가'..='힣' => match (last as u32 - '가' as u32) % 28 {
            0 => Sound::Vowel,
            8 => Sound::Rieul,
            _ => Sound::Consonant,
        },
        // 일 칠 팔; 영 삼 육 (and 십, 백, 천 end in consonants as well as 영); 이 사 오 구
        '1' | '7' | '8' => Sound::Rieul,
        '0' | '3' | '6' => Sound::Consonant,
        '2' | '4' | '5' | '9' => Sound::Vowel,
        'l' | 'L' => Sound::Rieul,
        'm' | 'n' | 'b' | 'c' | 'k' | 'p' | 'M' | 'N' | 'B' | 'C' | 'K' | 'P' => Sound::Consonant,
        'g' | 'G' if letters.next().is_some_and(|c| matches!(c, 'n' | 'N')) => Sound::Consonant,
        _ => Sound::Vowel,
    }
}
