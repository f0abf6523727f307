//! Mail providers where anybody gets an address.
//!
//! Compiled for this project from general knowledge of the field: the large services of Europe, the Americas, Russia, East
//! Asia and Oceania, the mail of large access providers, and four disposable ones.

/// Providers with one name under any country: `yahoo.co.jp`, `outlook.de`.
pub(super) const FREE_MAIL_BRANDS: &[&str] = &["gmx", "hotmail", "outlook", "yahoo"];

/// Domains in bytewise order.
#[rustfmt::skip]
pub(super) const FREE_MAIL: &[&str] = &[
    "10minutemail.com", "126.com", "139.com", "163.com", "188.com", "189.cn", "1und1.de", "21cn.com",
    "263.net", "abv.bg", "aim.com", "alice.it", "aliyun.com", "aol.com", "arcor.de", "atlas.cz", "att.net",
    "autorambler.ru", "azet.sk", "bbox.fr", "bell.net", "bellsouth.net", "biglobe.ne.jp", "bigmir.net",
    "bigpond.com", "bigpond.net.au", "bk.ru", "bluewin.ch", "blueyonder.co.uk", "bol.com.br",
    "bredband.net", "btinternet.com", "centrum.cz", "centrum.sk", "charter.net", "citromail.hu",
    "comcast.net", "comhem.se", "cox.net", "daum.net", "docomo.ne.jp", "earthlink.net", "eircom.net",
    "email.com", "email.cz", "excite.com", "eyou.com", "ezweb.ne.jp", "fastmail.com", "fastmail.fm",
    "foxmail.com", "free.fr", "freemail.hu", "freenet.de", "frontier.com", "gazeta.pl", "globo.com",
    "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "guerrillamail.com", "hanmail.net",
    "hetnet.nl", "hey.com", "hinet.net", "hispeed.ch", "home.nl", "hotmail.com", "hushmail.com",
    "i.softbank.jp", "i.ua", "icloud.com", "ig.com.br", "iinet.net.au", "inbox.com", "inbox.ru",
    "indiatimes.com", "interia.pl", "internet.ru", "inwind.it", "juno.com", "kabelmail.de", "kakao.com",
    "kpnmail.nl", "laposte.net", "lenta.ru", "libero.it", "list.ru", "live.be", "live.ca", "live.cn",
    "live.co.uk", "live.com", "live.com.au", "live.com.mx", "live.de", "live.dk", "live.fr", "live.it",
    "live.jp", "live.nl", "live.no", "live.se", "lycos.com", "mac.com", "mail.bg", "mail.com", "mail.kz",
    "mail.ru", "mailbox.org", "mailinator.com", "me.com", "meta.ua", "msn.cn", "msn.com", "mweb.co.za",
    "myrambler.ru", "myyahoo.com", "narod.ru", "nate.com", "naver.com", "netvigator.com", "neuf.fr",
    "nifty.com", "ntlworld.com", "numericable.fr", "o2.pl", "ocn.ne.jp", "onet.pl", "online.de",
    "online.no", "op.pl", "optonline.net", "optusnet.com.au", "orange.fr", "outlook.com", "pchome.com.tw",
    "planet.nl", "pm.me", "poczta.fm", "post.cz", "poste.it", "posteo.de", "posteo.net", "prodigy.net.mx",
    "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rediff.com", "rediffmail.com",
    "ro.ru", "roadrunner.com", "rocketmail.com", "rogers.com", "rr.com", "sapo.pt", "sbcglobal.net",
    "seed.net.tw", "seznam.cz", "sfr.fr", "shaw.ca", "sify.com", "sina.cn", "sina.com", "singnet.com.sg",
    "sky.com", "skynet.be", "slingshot.co.nz", "softbank.ne.jp", "sohu.com", "spray.se", "sunrise.ch",
    "sympatico.ca", "t-online.de", "talktalk.net", "tele2.se", "telefonica.net", "telenet.be", "telia.com",
    "telkomsa.net", "telus.net", "terra.com", "terra.com.br", "tim.it", "tin.it", "tiscali.it", "tlen.pl",
    "tom.com", "tpg.com.au", "tut.by", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de",
    "ukr.net", "uol.com.br", "verizon.net", "videotron.ca", "vip.126.com", "vip.163.com", "vip.qq.com",
    "vip.sina.com", "vip.sohu.com", "virgilio.it", "virginmedia.com", "vodafone.de", "volny.cz",
    "walla.co.il", "walla.com", "wanadoo.fr", "web.de", "webmail.co.za", "windowslive.com", "wo.cn",
    "wp.pl", "xmail.ru", "xs4all.nl", "xtra.co.nz", "ya.ru", "yahoo.com", "yandex.by", "yandex.com",
    "yandex.kz", "yandex.ru", "yandex.ua", "yeah.net", "ymail.com", "yopmail.com", "zahav.net.il",
    "ziggo.nl", "zoho.com", "zohomail.com", "zohomail.eu", "zoznam.sk",
];
