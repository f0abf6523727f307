//! From the name of a country to its code, for addresses and imports that have names.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::country;
use super::sort_key::fold;

/// English short names. Source: CLDR 48, territory names of locale `en`, without the additions in Hong Kong SAR China,
/// Macao SAR China, Myanmar (Burma), Cocos (Keeling) Islands and Palestinian Territories.
const NAMES: &str = "AD=Andorra; AE=United Arab Emirates; AF=Afghanistan; AG=Antigua & Barbuda; AI=Anguilla; AL=Albania; \
     AM=Armenia; AO=Angola; AQ=Antarctica; AR=Argentina; AS=American Samoa; AT=Austria; AU=Australia; \
     AW=Aruba; AX=Åland Islands; AZ=Azerbaijan; BA=Bosnia & Herzegovina; BB=Barbados; BD=Bangladesh; \
     BE=Belgium; BF=Burkina Faso; BG=Bulgaria; BH=Bahrain; BI=Burundi; BJ=Benin; BL=St. Barthélemy; \
     BM=Bermuda; BN=Brunei; BO=Bolivia; BQ=Caribbean Netherlands; BR=Brazil; BS=Bahamas; BT=Bhutan; \
     BV=Bouvet Island; BW=Botswana; BY=Belarus; BZ=Belize; CA=Canada; CC=Cocos Islands; \
     CD=Congo - Kinshasa; CF=Central African Republic; CG=Congo - Brazzaville; CH=Switzerland; \
     CI=Côte d'Ivoire; CK=Cook Islands; CL=Chile; CM=Cameroon; CN=China; CO=Colombia; CR=Costa Rica; \
     CU=Cuba; CV=Cape Verde; CW=Curaçao; CX=Christmas Island; CY=Cyprus; CZ=Czechia; DE=Germany; \
     DJ=Djibouti; DK=Denmark; DM=Dominica; DO=Dominican Republic; DZ=Algeria; EC=Ecuador; EE=Estonia; \
     EG=Egypt; EH=Western Sahara; ER=Eritrea; ES=Spain; ET=Ethiopia; FI=Finland; FJ=Fiji; \
     FK=Falkland Islands; FM=Micronesia; FO=Faroe Islands; FR=France; GA=Gabon; GB=United Kingdom; \
     GD=Grenada; GE=Georgia; GF=French Guiana; GG=Guernsey; GH=Ghana; GI=Gibraltar; GL=Greenland; \
     GM=Gambia; GN=Guinea; GP=Guadeloupe; GQ=Equatorial Guinea; GR=Greece; \
     GS=South Georgia & South Sandwich Islands; GT=Guatemala; GU=Guam; GW=Guinea-Bissau; GY=Guyana; \
     HK=Hong Kong; HM=Heard & McDonald Islands; HN=Honduras; HR=Croatia; HT=Haiti; HU=Hungary; \
     ID=Indonesia; IE=Ireland; IL=Israel; IM=Isle of Man; IN=India; IO=British Indian Ocean Territory; \
     IQ=Iraq; IR=Iran; IS=Iceland; IT=Italy; JE=Jersey; JM=Jamaica; JO=Jordan; JP=Japan; KE=Kenya; \
     KG=Kyrgyzstan; KH=Cambodia; KI=Kiribati; KM=Comoros; KN=St. Kitts & Nevis; KP=North Korea; \
     KR=South Korea; KW=Kuwait; KY=Cayman Islands; KZ=Kazakhstan; LA=Laos; LB=Lebanon; LC=St. Lucia; \
     LI=Liechtenstein; LK=Sri Lanka; LR=Liberia; LS=Lesotho; LT=Lithuania; LU=Luxembourg; LV=Latvia; \
     LY=Libya; MA=Morocco; MC=Monaco; MD=Moldova; ME=Montenegro; MF=St. Martin; MG=Madagascar; \
     MH=Marshall Islands; MK=North Macedonia; ML=Mali; MM=Myanmar; MN=Mongolia; MO=Macao; \
     MP=Northern Mariana Islands; MQ=Martinique; MR=Mauritania; MS=Montserrat; MT=Malta; MU=Mauritius; \
     MV=Maldives; MW=Malawi; MX=Mexico; MY=Malaysia; MZ=Mozambique; NA=Namibia; NC=New Caledonia; \
     NE=Niger; NF=Norfolk Island; NG=Nigeria; NI=Nicaragua; NL=Netherlands; NO=Norway; NP=Nepal; NR=Nauru; \
     NU=Niue; NZ=New Zealand; OM=Oman; PA=Panama; PE=Peru; PF=French Polynesia; PG=Papua New Guinea; \
     PH=Philippines; PK=Pakistan; PL=Poland; PM=St. Pierre & Miquelon; PN=Pitcairn Islands; \
     PR=Puerto Rico; PS=Palestine; PT=Portugal; PW=Palau; PY=Paraguay; QA=Qatar; RE=Réunion; RO=Romania; \
     RS=Serbia; RU=Russia; RW=Rwanda; SA=Saudi Arabia; SB=Solomon Islands; SC=Seychelles; SD=Sudan; \
     SE=Sweden; SG=Singapore; SH=St. Helena; SI=Slovenia; SJ=Svalbard & Jan Mayen; SK=Slovakia; \
     SL=Sierra Leone; SM=San Marino; SN=Senegal; SO=Somalia; SR=Suriname; SS=South Sudan; \
     ST=São Tomé & Príncipe; SV=El Salvador; SX=Sint Maarten; SY=Syria; SZ=Eswatini; \
     TC=Turks & Caicos Islands; TD=Chad; TF=French Southern Territories; TG=Togo; TH=Thailand; \
     TJ=Tajikistan; TK=Tokelau; TL=Timor-Leste; TM=Turkmenistan; TN=Tunisia; TO=Tonga; TR=Türkiye; \
     TT=Trinidad & Tobago; TV=Tuvalu; TW=Taiwan; TZ=Tanzania; UA=Ukraine; UG=Uganda; \
     UM=U.S. Outlying Islands; US=United States; UY=Uruguay; UZ=Uzbekistan; VA=Vatican City; \
     VC=St. Vincent & Grenadines; VE=Venezuela; VG=British Virgin Islands; VI=U.S. Virgin Islands; \
     VN=Vietnam; VU=Vanuatu; WF=Wallis & Futuna; WS=Samoa; XK=Kosovo; YE=Yemen; YT=Mayotte; \
     ZA=South Africa; ZM=Zambia; ZW=Zimbabwe";

/// Other names in use: the formal names of ISO 3166-1, former names, common abbreviations, and what the countries that
/// most records come from call themselves.
const ALIASES: &str = "AE=UAE; AG=Antigua; AT=Österreich; BA=Bosnia; BE=België; BE=Belgique; BG=България; \
     BN=Brunei Darussalam; BO=Bolivia, Plurinational State of; BQ=Bonaire, Sint Eustatius and Saba; \
     BQ=Bonaire; BR=Brasil; BY=Беларусь; CC=Cocos (Keeling) Islands; CC=Keeling Islands; \
     CD=Congo, Democratic Republic of the; CD=Democratic Republic of the Congo; CD=DR Congo; CD=Zaire; \
     CG=Congo; CG=Republic of the Congo; CH=Schweiz; CH=Suisse; CH=Svizzera; CI=Ivory Coast; \
     CN=People's Republic of China; CN=PR China; CN=PRC; CN=中国; CN=中國; CV=Cabo Verde; CZ=Czech Republic; \
     CZ=Česko; DE=Deutschland; DK=Danmark; ES=España; FI=Suomi; FK=Falkland Islands (Malvinas); \
     FM=Micronesia, Federated States of; GB=UK; GB=Great Britain; GB=Britain; GB=England; GB=Scotland; \
     GB=Wales; GB=Northern Ireland; GB=United Kingdom of Great Britain and Northern Ireland; GR=Hellas; \
     GS=South Georgia; HK=Hong Kong SAR China; HK=Hong Kong SAR; HK=香港; \
     HM=Heard Island and McDonald Islands; HU=Magyarország; IE=Republic of Ireland; IE=Éire; IN=Bharat; \
     IR=Iran, Islamic Republic of; IT=Italia; JP=日本; KP=Korea, Democratic People's Republic of; KP=DPRK; \
     KR=Korea, Republic of; KR=Republic of Korea; KR=Korea; KR=한국; KR=대한민국; KZ=Қазақстан; KZ=Казахстан; \
     LA=Lao People's Democratic Republic; MD=Moldova, Republic of; MF=Saint Martin (French part); \
     MK=Macedonia; MM=Burma; MM=Myanmar (Burma); MO=Macau; MO=Macao SAR China; MO=澳门; MO=澳門; MX=México; \
     NL=Holland; NL=Nederland; NO=Norge; PL=Polska; PN=Pitcairn; PS=Palestinian Territories; \
     PS=Palestine, State of; RO=România; RU=Russian Federation; RU=Россия; RU=Российская Федерация; \
     SE=Sverige; SG=新加坡; SH=Saint Helena, Ascension and Tristan da Cunha; SJ=Svalbard; SK=Slovak Republic; \
     SK=Slovensko; SX=Sint Maarten (Dutch part); SY=Syrian Arab Republic; SZ=Swaziland; TL=East Timor; \
     TR=Turkey; TW=Taiwan, Province of China; TW=台湾; TW=臺灣; TW=台灣; TZ=Tanzania, United Republic of; \
     UA=Україна; UM=United States Minor Outlying Islands; US=USA; US=United States of America; US=America; \
     VA=Holy See; VA=Vatican; VE=Venezuela, Bolivarian Republic of; VG=Virgin Islands, British; \
     VG=Virgin Islands (British); VI=Virgin Islands, U.S.; VI=US Virgin Islands; VN=Viet Nam";

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let entries = [NAMES, ALIASES].into_iter().flat_map(|list| list.split("; "));
    entries.filter_map(|entry| entry.split_once('=')).map(|(code, name)| (key(name), code)).collect()
});

/// The ISO 3166-1 alpha-2 code of a country given by code or name: `de`, `Germany`, `USA`, `Côte d'Ivoire`, `中国`.
/// Letter case, accents, punctuation, "the" and "and" do not matter.
pub fn of(country: &str) -> Option<&'static str> {
    country::parse(country).ok().or_else(|| BY_NAME.get(&key(country)).copied())
}

fn key(name: &str) -> String {
    let folded = fold(name);
    let words = folded.split(' ').filter(|word| !matches!(*word, "the" | "and"));
    words.map(|word| if word == "saint" { "st" } else { word }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_name_of_its_own() {
        let names: Vec<_> = NAMES.split("; ").filter_map(|entry| entry.split_once('=')).collect();
        assert!(names.iter().map(|(code, _)| *code).eq(country::codes()));
        for list in [NAMES, ALIASES] {
            for entry in list.split("; ") {
                let (code, name) = entry.split_once('=').unwrap();
                assert_eq!(of(name), Some(code), "{name}");
                assert_eq!(country::parse(code), Ok(code));
            }
        }
    }

    #[test]
    fn names_are_read_leniently() {
        let expected = [
            ("UK", "GB"),
            ("usa", "US"),
            ("u.s.a.", "US"),
            ("The Netherlands", "NL"),
            ("cote d\u{2019}ivoire", "CI"),
            ("Bosnia and Herzegovina", "BA"),
            ("Saint Lucia", "LC"),
            ("KOREA (REPUBLIC OF)", "KR"),
            ("россия", "RU"),
            (" fr ", "FR"),
        ];
        for (name, code) in expected {
            assert_eq!(of(name), Some(code), "{name}");
        }
        for name in ["", "Atlantis", "the", "?"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
